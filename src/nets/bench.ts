import type { LayersModel } from '@tensorflow/tfjs-layers';
import { LayerStack } from './stack.js';
import type { BuildOptions } from './stack.js';

/** The article's small net: six convolutions, 1,418,826 parameters. */
export function buildBench(options: BuildOptions): LayersModel {
  return new LayerStack('bench', options)
    .conv(64, 64)
    .dropout(0.25)
    .maxPool()
    .conv(128, 128)
    .dropout(0.25)
    .maxPool()
    .conv(256, 256)
    .globalAveragePool()
    .dense(1024)
    .dropout(0.25)
    .classify();
}
