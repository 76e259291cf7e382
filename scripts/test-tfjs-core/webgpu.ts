import { type KernelBackend, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { trainingBackend, openDevice } from '../../src/engine/webgpu/backend.js';
import { BACKEND } from '../../src/engine/webgpu/kernel.js';
import { openedWebGpu, webgpuProvider } from '../../src/engine/webgpu/provider.js';
import type { Candidate } from './candidate.js';
import { registerGradients } from './jasmine.js';
import { webgpuExclusions } from './webgpuExclusions.js';

/** The webgpu backend with our kernels over tfjs's own. Its values cannot be read synchronously, which tfjs's suite allows for. */
export async function webgpu(): Promise<Candidate> {
  const provider = webgpuProvider();
  const { usable, reason, details } = await provider.probe();
  if (!usable) throw new Error(reason);
  // The backend tries its kernels, gradients included, when it is first used.
  registerGradients();
  await provider.activate({});
  const { module, gpu } = openedWebGpu();
  removeBackend(BACKEND);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('The adapter is gone.');
  const device = await openDevice(adapter);
  // Called anew for each suite: tfjs resets its engine between them.
  registerBackend(BACKEND, () => trainingBackend(module, device, adapter.info) as unknown as KernelBackend);
  return {
    // Of tfjs's ways to multiply matrices, the one that adds in an order that never changes; see open.ts.
    environments: [
      { name: 'webgpu', backendName: BACKEND, flags: { WEBGPU_MATMUL_PROGRAM_TYPE: 3 }, isDataSync: false },
    ],
    exclusions: webgpuExclusions,
    figures: { adapter: String(details?.adapter), precision: 'f32' },
    results: 'tfjs-core-suite-webgpu',
  };
}
