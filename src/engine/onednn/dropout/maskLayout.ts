import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { flat, typeOf } from '../elementwise/elementwise.js';
import { ARG } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';

/** The layout of x's mask: x's own, or row-major where that one has gaps. */
export function maskDesc(backend: OneDnnBackend, x: TensorInfo): MemoryDesc {
  const desc = backend.layout(x);
  return desc.isDense ? backend.descriptors.withType(desc, 'u8') : backend.descriptors.dense(x.shape, 'u8');
}

/** values·mask/(1 − rate), in the mask's layout and the values' type. */
export function applyMask(
  backend: OneDnnBackend,
  values: TensorInfo,
  mask: TensorInfo,
  rate: number,
): TensorInfo {
  const { descriptors } = backend;
  const maskLayout = backend.layout(mask);
  const desc = descriptors.withType(maskLayout, typeOf(backend, values));
  const [data, bytes] = [flat(backend, desc), flat(backend, maskLayout)];
  const primitive = backend.primitive(
    `applyMask|${rate}|${data.id}|${bytes.id}`,
    [ARG.src, ARG.src1, ARG.dst],
    () => ({ kind: 'binary', operation: 'mul', src0: data, src1: bytes, dst: data }),
    [{ kind: 'eltwise', function: 'linear', alpha: 1 / (1 - rate) }],
  );
  const result = backend.output(values.shape, 'float32', desc);
  backend.execute(primitive, [backend.input(values, desc), backend.input(mask, maskLayout), result.pointer]);
  return result.info;
}
