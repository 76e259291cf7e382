import { describeBackends, selectBackend } from './engine/select.js';
import type { ActivateOptions, Activated } from './engine/provider.js';

export { EngineError } from './engine/errors.js';
export type { ActivateOptions, Activated };

/**
 * Makes the system's oneDNN library tfjs's backend, for any program with tfjs 4.22: layers, training by `model.fit` and all else
 * compute on it, on all cores that the process may use. tfjs-core must be the program's own one copy.
 * @throws EngineError when the library is not here, with the reason and what to do
 */
export async function useOnednn(options: ActivateOptions = {}): Promise<Activated> {
  const { precision, threads } = await selectBackend('onednn', options);
  return { precision, threads };
}

/** Whether it can be used here, and why not. */
export async function onednnStatus(): Promise<{ usable: boolean; reason: string }> {
  const [{ usable, reason }] = (await describeBackends()).filter(({ name }) => name === 'onednn');
  return { usable, reason };
}
