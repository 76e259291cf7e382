import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { disposeCasts, inFull } from './dispatch.js';
import type { GpuBackend } from './gpuBackend.js';
import type { GpuBuffer } from './stock.js';

/**
 * A slab is a tensor [size] on the device whose buffer holds other tensors, its pieces: a kernel that works on many tensors at once binds
 * the slab alone, where a binding for each would be more than a device takes.
 */

/** Elements that a piece begins at a multiple of: devices bind parts of buffers from multiples of 256 bytes only. */
export const BLOCK = 64;

/** Where pieces lie. */
export interface SlabLayout {
  readonly shapes: readonly (readonly number[])[];
  /** In elements. */
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
  readonly size: number;
}

export function slabLayout(shapes: readonly (readonly number[])[]): SlabLayout {
  const sizes = shapes.map((shape) => util.sizeFromShape([...shape]));
  const offsets: number[] = [];
  let size = 0;
  for (const one of sizes) {
    offsets.push(size);
    size += Math.ceil(one / BLOCK) * BLOCK;
  }
  return { shapes, offsets, sizes, size };
}

/**
 * The slab of tensors that lie in one already, in this layout, else a new one that they are copied into. The caller disposes what it is
 * given, in either case.
 */
export function slabOf(backend: GpuBackend, tensors: readonly TensorInfo[], layout: SlabLayout): TensorInfo {
  // Slabs are of 32 bits.
  const full = tensors.map((tensor) => inFull(backend, tensor));
  const entries = full.map(({ dataId }) => backend.tensorMap.get(dataId));
  const [{ slab: first }] = entries;
  const isThere =
    first !== undefined &&
    first.tensor.shape[0] === layout.size &&
    entries.every(({ slab }, i) => slab?.tensor === first.tensor && slab.offset === layout.offsets[i]);
  backend.profiler.gathered(tensors, !isThere);
  if (isThere) {
    backend.incRef(first.tensor.dataId);
    return first.tensor;
  }
  const made = backend.makeTensorInfo([layout.size], 'float32');
  backend.uploadToGPU(made.dataId);
  const target = backend.tensorMap.get(made.dataId).resource as GpuBuffer;
  for (const { dataId } of full) backend.uploadToGPU(dataId);
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  entries.forEach(({ resource, slab }, i) => {
    const from = 4 * (slab?.offset ?? 0);
    const bytes = 4 * layout.sizes[i];
    if (bytes > 0) {
      backend.commandEncoder?.copyBufferToBuffer(
        resource as GpuBuffer,
        from,
        target,
        4 * layout.offsets[i],
        bytes,
      );
    }
  });
  for (const { dataId } of [...full, made]) backend.commandQueueOwnedIds.add(dataId);
  disposeCasts(backend, full, tensors);
  return made;
}

/** Tensors that are the pieces of a slab, whose buffer lives as long as one of them does; the slab itself is given up. */
export function piecesOf(
  backend: GpuBackend,
  slab: TensorInfo,
  { shapes, offsets }: SlabLayout,
): TensorInfo[] {
  const { resource } = backend.tensorMap.get(slab.dataId);
  const pieces = shapes.map((shape, i) => {
    const piece = backend.makeTensorInfo([...shape], 'float32');
    const entry = backend.tensorMap.get(piece.dataId);
    backend.incRef(slab.dataId);
    entry.slab = { tensor: slab, offset: offsets[i] };
    entry.resource = resource;
    return piece;
  });
  backend.disposeData(slab.dataId);
  return pieces;
}
