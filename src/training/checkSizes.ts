import { tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TrainConfig } from '../config/trainOptions.js';
import type { TrainNet } from './trainNet.js';
import { UsageError, messageOf } from '../util/errors.js';

/**
 * Whether a net takes images of all sizes that it is to be trained on, by one of each.
 * @throws UsageError naming the first that it does not
 */
export function checkSizes(
  { logits }: Pick<TrainNet, 'logits'>,
  { imageSizes, model }: Pick<TrainConfig, 'imageSizes' | 'model'>,
  sides: readonly (number | undefined)[],
): void {
  const [, , , channels] = logits.inputs[0].shape;
  for (const side of new Set(sides)) {
    if (side === undefined) continue;
    try {
      tidy(() => {
        const output = logits.apply(zeros([1, side, side, channels ?? 3])) as Tensor;
        const expected = [1, ...logits.outputs[0].shape.slice(1)].join('×');
        if (output.shape.join('×') !== expected) throw new Error(`it gives ${output.shape.join('×')} of one`);
      });
    } catch (error) {
      throw new UsageError(
        `--image-sizes ${imageSizes}: ${model} does not take images of ${side}×${side} (${messageOf(error).split('\n')[0]}). ` +
          'A network does that pools over the whole of its last map, as all of this program do.',
        { cause: error },
      );
    }
  }
}
