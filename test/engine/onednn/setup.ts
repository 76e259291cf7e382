import * as tf from '@tensorflow/tfjs-core';
import { describe } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { onednnProvider } from '../../../src/engine/onednn/provider.js';
import { convBiasActivation } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import type { Precision } from '../../../src/engine/provider.js';

const { usable, reason, details } = await onednnProvider.probe();

/** The library's name of the instruction set here, or undefined without the library. */
export const instructionSet = details?.['instructionSet'];

/** Whether machine code of this program's own runs beside the library here. */
export const runsMachineCode = details?.['machineCode'] === 'yes';

/** Tests of the backend, skipped with the reason where the library, or a precision, is not there. */
export function describeOneDnn(name: string, precision: 'bf16' | 'f32', body: () => void): void {
  const isMissingBf16 = usable && precision === 'bf16' && details?.['precision'] !== 'bf16';
  const why = usable ? 'this CPU has no bf16 instructions' : reason;
  describe.skipIf(!usable || isMissingBf16)(
    usable && !isMissingBf16 ? `${name} (${precision})` : `${name} (${precision}): skipped, ${why}`,
    body,
  );
}

/** Makes the backend the current one; once a test file. */
export async function activate(precision: Precision, threads = 2): Promise<OneDnnBackend> {
  await selectBackend('onednn', { precision, threads });
  return tf.backend() as unknown as OneDnnBackend;
}

/** Values [N, H, W, C] as a convolution leaves them: in blocks of channels, in the precision's type. */
export function asActivation(values: Float32Array, shape: readonly number[]): tf.Tensor4D {
  const c = shape[3];
  return tf.tidy(() => {
    const unit = tf.reshape<tf.Rank.R4>(tf.eye(c), [1, 1, c, c]);
    return convBiasActivation(tf.tensor4d(values, shape as [number, number, number, number]), unit, null);
  });
}
