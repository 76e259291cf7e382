import { env } from '@tensorflow/tfjs-core';
import { OneDnnBackend } from '../../src/engine/onednn/backend.js';
import { loadLibrary } from '../../src/engine/onednn/ffi/library.js';
import { openNative } from '../../src/engine/onednn/ffi/native.js';
import { BACKEND_NAME, registerOneDnn } from '../../src/engine/onednn/register.js';
import type { Candidate } from './candidate.js';
import type { Exclusion } from './exclusions.js';

const NATIVE_WHEN_SMALL = 'ONEDNN_NATIVE_WHEN_SMALL';

const EXCLUSIONS: readonly Exclusion[] = [
  {
    reason:
      'the gradient is that of the mean over the elements within the image, which tfjs computes too; tfjs divides the gradient alone by the whole window, padding included',
    specs: ['avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit'],
  },
  {
    reason: 'oneDNN takes the number of a number and NaN (IEEE 754 maxNum): a limit that the README states',
    environment: 'native',
    specs: ['maximum propagates NaN', 'minimum propagates NaN'],
  },
];

/**
 * The onednn backend, in f32: once as it is, and once with its own kernels for tensors of every size, where tfjs's CPU kernels would else take
 * the small ones.
 */
export function onednn(): Promise<Candidate> {
  const library = loadLibrary();
  env().registerFlag(NATIVE_WHEN_SMALL, () => false);
  // Called anew for each suite: tfjs resets its engine between them.
  registerOneDnn(
    () =>
      new OneDnnBackend(openNative(library), 'f32', env().getBool(NATIVE_WHEN_SMALL) ? { hostSize: 0 } : {}),
  );
  return Promise.resolve({
    environments: [false, true].map((isNative) => ({
      name: isNative ? 'native' : 'default',
      backendName: BACKEND_NAME,
      flags: { [NATIVE_WHEN_SMALL]: isNative },
      isDataSync: true,
    })),
    exclusions: EXCLUSIONS,
    figures: { oneDnn: library.version.join('.'), precision: 'f32' },
    results: 'tfjs-core-suite',
  });
}
