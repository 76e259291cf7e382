import { existsSync } from 'node:fs';
import { DivergedError } from '../evaluation/diverged.js';
import { areFinite } from '../util/finite.js';
import { stateTensors } from './checkpoint.js';
import type { Training } from './training.js';

/**
 * The error that ends a training which led to values that are not numbers; nothing of them is saved.
 * @param what became what, as the beginning of a sentence
 * @param step 1-based, where it was seen at one
 */
export function diverged(
  { folder, position }: Pick<Training, 'folder' | 'position'>,
  what: string,
  step?: number,
): DivergedError {
  const at = `epoch ${position.epoch + 1}${step === undefined ? '' : `, step ${step}`}`;
  const kept = existsSync(folder.checkpoint)
    ? 'The run is kept as it was at its last checkpoint.'
    : 'No epoch had been finished, so that only its record is kept.';
  return new DivergedError(
    `${what} in ${at}: training diverged. ${kept} Train anew with a lower --learning-rate or some --warmup-epochs.`,
  );
}

/**
 * To be called before a state is judged or saved. A loss does not show everything: not the last update, for instance, nor
 * what a maximum leaves out.
 * @throws DivergedError naming the first tensor of which a checkpoint would hold values that are not numbers
 */
export async function checkState(training: Training): Promise<void> {
  for (const [name, tensor] of stateTensors(training)) {
    if (!areFinite(await tensor.data<'float32'>())) {
      throw diverged(training, `${name} came to hold values that are not numbers`);
    }
  }
}
