import type { io } from '@tensorflow/tfjs-core';
import { CifarError } from '../util/errors.js';
import { float32ToFloat16 } from './float16.js';
import { weightBytes } from './modelJson.js';

/**
 * Rewrites a model's weight data with every float32 weight in half precision, marked as tfjs's `float16`
 * quantization; other types stay as they are.
 * @param weights the bytes of all weights in the order of `specs`
 * @throws CifarError naming the weight when one of its values lies beyond half precision's range (±65504)
 */
export function toFloat16Weights(
  specs: readonly io.WeightsManifestEntry[],
  weights: Buffer,
): { specs: io.WeightsManifestEntry[]; weights: Buffer } {
  const chunks: Buffer[] = [];
  let offset = 0;
  const halved = specs.map((spec): io.WeightsManifestEntry => {
    const bytes = weights.subarray(offset, offset + weightBytes(spec));
    offset += bytes.length;
    if (spec.dtype !== 'float32' || spec.quantization) {
      chunks.push(bytes);
      return spec;
    }
    const chunk = Buffer.alloc(bytes.length / 2);
    for (let i = 0; i < bytes.length / 4; i++) {
      const value = bytes.readFloatLE(i * 4);
      const half = float32ToFloat16(value);
      if ((half & 0x7c00) === 0x7c00) {
        throw new CifarError(
          `Weight ${spec.name} holds ${value}, which 16 bits cannot; save the model in float32 instead.`,
        );
      }
      chunk.writeUInt16LE(half, i * 2);
    }
    chunks.push(chunk);
    return { ...spec, quantization: { dtype: 'float16' } };
  });
  return { specs: halved, weights: Buffer.concat(chunks) };
}
