import { FusedConv2D, Relu, _FusedMatMul, backend, getKernel } from '@tensorflow/tfjs-core';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendRequest } from '../../src/engine/names.js';
import { ReluGrad } from '../../src/engine/ops/ReluGrad.js';
import { selectBackend } from '../../src/engine/select.js';

/**
 * ReLU has no derivative at zero: where a value before it is zero but for rounding, two correct backends may take
 * different sides, and the gradients of everything below differ visibly. Among the 1.8 million values of the
 * deep net on four images some always do. So a comparison of backends has one of them decide the doubtful values for both.
 */

/** Below this share of a layer's largest value before its ReLU, a value's sign is doubtful. */
const DOUBTFUL = 2e-5;

/** One ReLU's doubtful values: position in the tensor, and whether it was positive (1) or not (0). */
export type ReluSides = [position: number, positive: 0 | 1][];

/**
 * Notes the doubtful values of each fused ReLU, in the order of the forward pass, while `run` runs one training step on
 * the CPU backend.
 */
export async function recordSides<T>(run: () => Promise<T>): Promise<{ result: T; sides: ReluSides[] }> {
  await selectBackend('cpu');
  const sides: ReluSides[] = [];
  const record =
    (original: KernelFunc): KernelFunc =>
    (params) => {
      if (params.attrs?.activation !== 'relu') return original(params);
      const before = original({ ...params, attrs: { ...params.attrs, activation: 'linear' } }) as TensorInfo;
      sides.push(doubtfulValues(valuesOf(before)));
      const after = getKernel(Relu, 'cpu').kernelFunc({
        inputs: { x: before },
        backend: params.backend,
        attrs: {},
      });
      backend().disposeData(before.dataId);
      return after;
    };
  const restore = [FusedConv2D, _FusedMatMul].map((kernelName) => wrapKernel(kernelName, 'cpu', record));
  try {
    return { result: await run(), sides };
  } finally {
    restore.forEach((undo) => undo());
  }
}

/**
 * Has each ReLU's gradient take the given sides at the doubtful values while `run` runs one training step on a backend, of
 * a net without branches: its ReLUs come backward in the reverse order.
 * @returns what `run` returned, and how many of the doubtful values had the other sign
 */
export async function imposeSides<T>(
  backendName: BackendRequest,
  sides: ReluSides[],
  run: () => Promise<T>,
): Promise<{ result: T; flips: number }> {
  const { tfjsName } = await selectBackend(backendName);
  const remaining = [...sides];
  let flips = 0;
  const impose =
    (original: KernelFunc): KernelFunc =>
    (params) => {
      const y = params.inputs.y as TensorInfo;
      const values = valuesOf(y).slice();
      for (const [position, positive] of remaining.pop() ?? []) {
        if (values[position] > 0 !== (positive === 1)) flips++;
        values[position] = positive;
      }
      const dataId = backend().write(values, y.shape, 'float32');
      const dx = original({ ...params, inputs: { ...params.inputs, y: { ...y, dataId } } });
      backend().disposeData(dataId);
      return dx;
    };
  const restore = wrapKernel(ReluGrad, tfjsName, impose);
  try {
    const result = await run();
    return { result, flips };
  } finally {
    restore();
  }
}

/** Replaces a kernel's function; the function returned puts the original back. */
function wrapKernel(
  kernelName: string,
  backendName: string,
  wrap: (original: KernelFunc) => KernelFunc,
): () => void {
  const config = getKernel(kernelName, backendName);
  const original = config.kernelFunc;
  config.kernelFunc = wrap(original);
  return () => (config.kernelFunc = original);
}

function valuesOf(info: TensorInfo): Float32Array {
  return backend().readSync(info.dataId) as Float32Array;
}

function doubtfulValues(values: Float32Array): ReluSides {
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const sides: ReluSides = [];
  values.forEach((value, position) => {
    if (Math.abs(value) < DOUBTFUL * largest) sides.push([position, value > 0 ? 1 : 0]);
  });
  return sides;
}
