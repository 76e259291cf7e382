import type { Dataset } from '../dataset/descriptor.js';
import type { ModelMetadata } from '../io/modelFiles.js';
import { netTitle } from '../nets/names.js';

/** What is kept with every model of a run: its classes, how pixels become its numbers, whose it is. */
export function modelMetadata({ classNames }: Dataset, run: string, model: string): ModelMetadata {
  return {
    classNames: [...classNames],
    normalization: {
      scale: 1 / 255,
      mean: [0, 0, 0],
      deviation: [1, 1, 1],
      layout: 'NHWC',
      channels: 'RGB',
    },
    run,
    net: netTitle(model),
  };
}
