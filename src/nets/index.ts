import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildBench } from './bench.js';
import { buildDeep } from './deep.js';
import type { NetName } from './names.js';
import type { BuildOptions } from './stack.js';

export { countFlops, countParameters, countTrainableParameters } from './counts.js';
export { logitsModel } from './logits.js';
export { CLASS_COUNT, IMAGE_SHAPE, LOGITS, PROBABILITIES } from './stack.js';
export type { BuildOptions } from './stack.js';
export { summaryText } from './summary.js';

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
};
