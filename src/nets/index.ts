import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildBench } from './bench.js';
import { buildDeep } from './deep.js';
import { type FastNet, buildFast } from './fast.js';
import type { NetName } from './names.js';
import type { BuildOptions } from './stack.js';

export { countFlops, countParameters, countTrainableParameters } from './counts.js';
export { HEAD, WHITENING } from './fast.js';
export { logitsModel } from './logits.js';
export { CLASS_COUNT, IMAGE_SHAPE, LOGITS, PROBABILITIES } from './stack.js';
export type { BuildOptions } from './stack.js';
export { summaryText } from './summary.js';
export { hasWhitening, setWhitening } from './whitening.js';

export interface NetDefinition {
  name: NetName;
  /** One line for a list. */
  description: string;
  /**
   * Builds the net on the current backend: images [N, 32, 32, 3], float32 in [0, 1] → class probabilities [N, 10].
   */
  build: (options: BuildOptions) => LayersModel;
}

export type { NetName } from './names.js';

/** The nets by name. */
export const NETS: Readonly<Record<NetName, NetDefinition>> = {
  bench: {
    name: 'bench',
    description: 'six 3×3 convolutions (64 to 256 filters), one dense layer, dropout',
    build: buildBench,
  },
  deep: {
    name: 'deep',
    description:
      'thirteen 3×3 convolutions (64 to 512 filters), two dense layers, batch normalisation, dropout',
    build: buildDeep,
  },
  fast94: fast({ name: 'fast94', widths: [64, 256, 256], depth: 2, normMomentum: 0.6, isForMuon: false }),
  'fast94-muon': fast({
    name: 'fast94-muon',
    widths: [64, 256, 256],
    depth: 2,
    normMomentum: 0.6,
    isForMuon: true,
  }),
  fast95: fast({ name: 'fast95', widths: [128, 384, 384], depth: 2, normMomentum: 0.6, isForMuon: false }),
  'fast95-muon': fast({
    name: 'fast95-muon',
    widths: [128, 384, 384],
    depth: 2,
    normMomentum: 0.6,
    isForMuon: true,
  }),
  fast96: fast({ name: 'fast96', widths: [128, 384, 512], depth: 3, normMomentum: 0.9, isForMuon: false }),
};

function fast(net: FastNet): NetDefinition {
  const convolutions = `${net.widths.length * net.depth} 3×3 convolutions (${net.widths.join(', ')} filters)`;
  return {
    name: net.name,
    description: `whitened 2×2 patches, ${convolutions}${net.depth === 3 ? ', residual' : ''}, GELU${net.isForMuon ? '; first weights for Muon' : ''}`,
    build: (options) => buildFast(net, options),
  };
}
