import { backend } from '@tensorflow/tfjs-core';
import { makeCurrent } from '../makeCurrent.js';
import type { BackendProvider } from '../provider.js';

/** tfjs's backend in plain JavaScript: the reference the others are compared with. */
export const cpuProvider: BackendProvider = {
  name: 'cpu',
  precisions: ['f32'],
  probe: async () => {
    const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu');
    return {
      usable: true,
      version,
      reason: 'always there, in plain JavaScript; far too slow to train with, so only on request',
    };
  },
  activate: async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    await makeCurrent('cpu');
    // Under Node.js its first tensor prints a banner that recommends another package.
    (backend() as unknown as { firstUse: boolean }).firstUse = false;
    return { precision: 'f32', threads: 1 };
  },
};
