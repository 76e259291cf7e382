import { describe } from 'vitest';
import { webgpuProvider } from '../../../src/engine/webgpu/provider.js';

const { usable, reason } = await webgpuProvider().probe();

/** Tests of the backend, skipped with the reason where there is no device: `node scripts/test-webgpu.mjs` brings one without a graphics card. */
export function describeWebGpu(name: string, body: () => void): void {
  describe.skipIf(!usable)(usable ? name : `${name}: skipped, ${reason}`, body);
}
