import { makeCurrent } from '../makeCurrent.js';
import { findPeer } from '../peers.js';
import type { BackendProvider, Probe } from '../provider.js';
import { quietly } from '../quiet.js';
import { tryOut } from '../trial.js';

/** Dawn's WebGPU for Node.js, and tfjs's backend on WebGPU. */
const PACKAGES = ['webgpu', '@tensorflow/tfjs-backend-webgpu'] as const;

const INSTALL = `npm install ${PACKAGES.join(' ')}`;

interface DawnModule {
  create: (options: string[]) => unknown;
  globals: object;
}

/** What a graphics adapter says about itself, as far as the choice needs it. */
interface Adapter {
  description: string;
  /** A processor's emulation of a graphics processor. */
  software: boolean;
}

/** A graphics processor through WebGPU. */
export function webgpuProvider(folders?: string[]): BackendProvider {
  const find = () => PACKAGES.map((packageName) => findPeer(packageName, folders));
  return {
    name: 'webgpu',
    probe: async (): Promise<Probe> => {
      const peers = find();
      const missing = PACKAGES.filter((_, i) => peers[i] === null);
      const [dawn] = peers;
      if (dawn === null || missing.length > 0) {
        const reason = `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed (${INSTALL})`;
        return { usable: false, reason };
      }
      const { version } = dawn;
      const trial = await tryOut(adapterProgram(dawn.url));
      if (!trial.ok) {
        const reason = `webgpu is installed but does not work: ${trial.reason}; reinstall it`;
        return { usable: false, version, reason };
      }
      const adapter = trial.answer as Adapter | null;
      if (adapter === null || adapter.software) {
        const found =
          adapter === null ? 'no graphics adapter' : `only a software one, ${adapter.description}`;
        return { usable: false, version, reason: `webgpu finds ${found}; check the graphics driver` };
      }
      const details = { adapter: adapter.description };
      return { usable: true, version, reason: `webgpu found ${adapter.description}`, details };
    },
    activate: async () => {
      const [dawn, backend] = find();
      if (dawn === null || backend === null) throw new Error('The packages of the webgpu backend are gone.');
      await quietly(async () => {
        provideBrowserGlobals((await import(dawn.url)) as DawnModule);
        await import(backend.url);
        await makeCurrent('webgpu');
      });
      return { precision: 'f32', threads: null };
    },
  };
}

/** tfjs's backend registers itself only where it sees a browser: a window and a navigator with WebGPU. */
function provideBrowserGlobals({ create, globals }: DawnModule): void {
  Object.assign(globalThis, globals);
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  define('navigator', { gpu: create([]) });
  define('window', globalThis);
}

/** Answers the adapter's description, or null when there is none. */
function adapterProgram(url: string): string {
  return `
const { create, globals } = await import(${JSON.stringify(url)});
Object.assign(globalThis, globals);
const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' });
const info = adapter?.info;
answer(adapter == null ? null : {
  description: [info?.vendor, info?.device || info?.description].filter(Boolean).join(' ') || 'an adapter without a name',
  software: adapter.isFallbackAdapter === true || info?.isFallbackAdapter === true
    || /swiftshader|llvmpipe|lavapipe|software/i.test((info?.description ?? '') + (info?.device ?? '')),
});
process.exit(0);`;
}
