import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildBench } from './bench.js';
import { buildDeep } from './deep.js';
import { type FastNet, buildFast } from './fast.js';
import type { NetName } from './names.js';
import type { BuildOptions } from './stack.js';

export { countFlops, countParameters, countTrainableParameters, largestTensorBytes } from './counts.js';
export { HEAD, WHITENING, firstGroup } from './fast.js';
export { logitsModel } from './logits.js';
export type { BuildOwnNet, OwnNetContext } from './ownNet.js';
export { LOGITS, PROBABILITIES } from './stack.js';
export type { BuildOptions } from './stack.js';
export { summaryText } from './summary.js';
export { hasWhitening, setWhitening } from './whitening.js';

export interface NetDefinition {
  name: NetName;
  /** One line for a list. */
  description: string;
  /**
   * Builds the net on the current backend: images [N, height, width, channels], float32 in [0, 1] → class
   * probabilities [N, classes].
   */
  build: (options: BuildOptions) => LayersModel;
}

export type { NetName } from './names.js';

/** As in the record of 2026. */
const SILU = { isForMuon: true, activation: 'swish', normMomentum: 0.5566 } as const;

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
  fast94: fast('fast94', [64, 256, 256]),
  'fast94-muon': fast('fast94-muon', [64, 256, 256], { isForMuon: true }),
  'fast94-silu': fast('fast94-silu', [64, 256, 256], SILU),
  fast95: fast('fast95', [128, 384, 384]),
  'fast95-muon': fast('fast95-muon', [128, 384, 384], { isForMuon: true }),
  'fast95-silu': fast('fast95-silu', [128, 384, 384], SILU),
  fast96: fast('fast96', [128, 384, 512], { depth: 3, normMomentum: 0.9 }),
  'fast96-silu': fast('fast96-silu', [128, 384, 512], { ...SILU, depth: 3 }),
  'fast-proxy': fast('fast-proxy', [32, 64, 64], { normMomentum: 0.9 }),
  'fast-proxy-muon': fast('fast-proxy-muon', [32, 64, 64], { isForMuon: true }),
};

function fast(name: NetName, widths: FastNet['widths'], options: Partial<FastNet> = {}): NetDefinition {
  const net: FastNet = {
    name,
    widths,
    depth: 2,
    normMomentum: 0.6,
    isForMuon: false,
    activation: 'gelu',
    ...options,
  };
  const convolutions = `${widths.length * net.depth} 3×3 convolutions (${widths.join(', ')} filters)`;
  return {
    name,
    description: `whitened 2×2 patches, ${convolutions}${net.depth === 3 ? ', residual' : ''}, ${net.activation === 'gelu' ? 'GELU' : 'SiLU'}${net.isForMuon ? '; first weights for Muon' : ''}`,
    build: (options) => buildFast(net, options),
  };
}
