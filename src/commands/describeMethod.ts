import { percent } from '../util/percent.js';
import type { PredictionSource } from '../evaluation/predictionFile.js';

/** Test-time augmentation in a phrase: `50 passes of normal`, `multicrop views of the least sure 25 %`. */
export function describeMethod({ method, augment }: Pick<PredictionSource, 'method' | 'augment'>): string {
  if (method.preset === 'keras') return `${method.passes} passes of ${augment}`;
  if (method.preset === 'none') return 'one plain pass';
  const which = method.share < 1 ? ` of the least sure ${percent(method.share, 0)}` : '';
  return `${method.preset} views${which}`;
}
