import type { LayersModel } from '@tensorflow/tfjs-layers';
import { LayerStack } from './stack.js';
import type { BuildOptions } from './stack.js';

/** The article's large net: thirteen convolutions, 8,228,106 parameters. Batch normalisation follows the ReLU. */
export function buildDeep(options: BuildOptions): LayersModel {
  return new LayerStack('deep', options)
    .conv(64, 64)
    .batchNorm()
    .conv(64)
    .maxPool()
    .dropout(0.25)
    .conv(128, 128)
    .batchNorm()
    .conv(128)
    .maxPool()
    .dropout(0.25)
    .conv(256, 256)
    .batchNorm()
    .conv(256, 256, 256)
    .batchNorm()
    .conv(512, 512)
    .globalAveragePool()
    .dense(1024)
    .dropout(0.5)
    .dense(1024)
    .dropout(0.5)
    .classify();
}
