import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { MuonUpdateAll, type MuonUpdateAllAttrs } from '../../ops/MuonUpdateAll.js';
import { grouped } from '../../ops/tensorGroups.js';
import type { OneDnnBackend } from '../backend.js';
import { chain, inPieces, withScalar, withScalars, withVector } from '../elementwise/chain.js';
import { bytesPerElement } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';
import { product } from '../matmul.js';
import type { Block } from '../memory/memoryPool.js';
import { newtonSchulz, type Place } from '../newtonSchulz.js';

interface Filter {
  filter: TensorInfo;
  buffer: TensorInfo;
  gradient: TensorInfo;
  learningRate: number;
}

/** The step of all filters, one after another: state in f32 like that of all optimizers, products as everywhere. */
export const muonUpdateAll = nativeKernel<Record<string, TensorInfo>, MuonUpdateAllAttrs>(
  MuonUpdateAll,
  (inputs, attrs, backend) => {
    const [filters, buffers, gradients] = grouped(Object.values(inputs), 3);
    const each = filters.map((filter, i) => {
      const one = {
        filter,
        buffer: buffers[i],
        gradient: gradients[i],
        learningRate: attrs.learningRates[i],
      };
      return withMemory(backend, (place) => updateOne(backend, one, attrs, place));
    });
    return [0, 1].flatMap((of) => each.map((outputs) => outputs[of]));
  },
);

/** @param use gets what gives memory for so many elements, until it returns */
function withMemory<T>(backend: OneDnnBackend, use: (place: Place) => T): T {
  const blocks: Block[] = [];
  try {
    return use((elements, type) => {
      const block = backend.allocate(elements * bytesPerElement[type]);
      blocks.push(block);
      return block.pointer;
    });
  } finally {
    for (const block of blocks) backend.pool.release(block);
  }
}

function updateOne(
  backend: OneDnnBackend,
  { filter, buffer, gradient, learningRate }: Filter,
  { momentum, steps, coefficients, rescales, decay }: MuonUpdateAllAttrs,
  place: Place,
): TensorInfo[] {
  const { shape } = filter;
  const size = util.sizeFromShape(shape);
  const columns = shape[shape.length - 1];
  const plain = backend.descriptors.dense(shape, 'f32');
  const outputs = [0, 1].map(() => backend.output(shape, 'float32', plain));
  const [newFilter, newBuffer] = outputs.map(({ pointer }) => pointer);
  const [p, b, g] = [filter, buffer, gradient].map((tensor) => backend.input(tensor, plain));

  const direction = place(size, 'f32');
  withScalars(backend, [momentum], ([keep]) => {
    inPieces(backend, size, (vector, at) => {
      const step = [withScalar('mul', keep), withVector('add', at(g))] as const;
      chain(backend, vector, at(b), step, at(newBuffer));
      chain(backend, vector, at(newBuffer), step, at(direction));
    });
  });
  const { pointer, factor } = newtonSchulz(
    backend,
    { rows: size / columns, columns, matrix: direction, steps, coefficients },
    place,
  );
  const scale = rescales ? Math.sqrt(columns / sumOfSquares(backend, p, size, place)) : 1;
  // scale·p − rate·factor·y as (y·(−rate·factor/scale) + p)·scale, since a chain cannot scale its operands.
  const numbers = [(-learningRate * factor) / scale, scale * (1 - learningRate * decay)];
  withScalars(backend, numbers, ([rate, last]) => {
    inPieces(backend, size, (vector, at) => {
      const links = [withScalar('mul', rate), withVector('add', at(p)), withScalar('mul', last)] as const;
      chain(backend, vector, at(pointer), links, at(newFilter));
    });
  });
  return outputs.map(({ info }) => info);
}

/** @param values address of so many numbers, f32 */
function sumOfSquares(backend: OneDnnBackend, values: bigint, size: number, place: Place): number {
  const { descriptors, native } = backend;
  const [src, weights, dst] = [
    [1, size],
    [size, 1],
    [1, 1],
  ].map((dims) => descriptors.dense(dims, 'f32'));
  const sum = place(1, 'f32');
  backend.execute(product(backend, { src, weights, bias: null, dst }), [values, values, sum]);
  const value = new Float32Array(1);
  native.library.copyOut(new Uint8Array(value.buffer), sum, value.byteLength);
  return value[0];
}
