import { setBackend } from '@tensorflow/tfjs-core';

/**
 * Makes a backend tfjs's current one.
 * @param tfjsName the name it is registered under
 * @throws Error when it cannot be initialised, which tfjs only answers and does not throw
 */
export async function makeCurrent(tfjsName: string): Promise<void> {
  if (!(await setBackend(tfjsName))) throw new Error(`tfjs cannot initialise its backend ${tfjsName}`);
}
