import { selectBackend } from './engine/select.js';

export { EngineError } from './engine/errors.js';

/**
 * Makes tfjs's WebAssembly backend the current one, with the kernels that training needs and it lacks: gradients of convolutions
 * and pools, batch normalisation, fused updates.
 * @throws EngineError when it cannot start
 */
export async function useWasm(): Promise<void> {
  await selectBackend('wasm');
}
