import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type NativeKernel, nativeKernel } from '../kernel.js';
import type { Assembler } from '../machine/assembler.js';
import { map } from './map.js';

/** What a kernel does with the vectors of its inputs: see OnVectors. */
export type WithAttrs<Attrs> = (code: Assembler, attrs: Attrs) => void;

/**
 * A kernel that is a function of each element, or of those at the same place of its inputs.
 * @param inputs their names, in the order of their vectors
 * @param result what the function's values are
 */
export const mappedKernel = <Attrs extends object = object>(
  name: string,
  inputs: readonly string[],
  onVectors: WithAttrs<Attrs>,
  result: 'float32' | 'bool' = 'float32',
): NativeKernel =>
  nativeKernel<Record<string, TensorInfo>, Attrs>(
    name,
    (given, attrs, backend) =>
      map(
        backend,
        [name, ...Object.values(attrs as Record<string, unknown>)].join(' '),
        inputs.map((input) => given[input]),
        (code) => {
          onVectors(code, attrs);
        },
        result,
      ),
    { isHostWhenSmall: true },
  );
