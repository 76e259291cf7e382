import { type MachineMemory, fileMemory } from '../machineMemory.js';
import { type Peer, findPeer } from '../peers.js';
import type { BackendProvider, Probe } from '../provider.js';
import { quietly } from '../quiet.js';
import { tryOut } from '../trial.js';
import { type MatrixInfo, matrixUnitOf, matrixWords } from './matrixUnit.js';
import { type OpenOptions, openWebGpu } from './open.js';
import { type Gpu, STOCK_VERSION, type StockModule } from './stock.js';

/** Dawn's WebGPU for Node.js, and tfjs's backend on WebGPU. */
const DAWN = 'webgpu';
const STOCK = '@tensorflow/tfjs-backend-webgpu';

const INSTALL = `npm install ${DAWN} ${STOCK}@${STOCK_VERSION}`;

/** Set to 1, it lets software adapters through: for tests without a graphics card. */
const SOFTWARE_VARIABLE = 'CIFAR_WEBGPU_SOFTWARE';

/** Dawn's options, one after another: `backend=null` computes nothing and shows what all else costs. */
const DAWN_VARIABLE = 'CIFAR_WEBGPU_DAWN';

interface DawnModule {
  create: (options: string[]) => Gpu;
  globals: object;
}

/** What a graphics adapter says about itself, as far as the choice needs it. */
interface Adapter {
  description: string;
  /** A processor's emulation of a graphics processor. */
  software: boolean;
  /** Whether it has numbers of 16 bits. */
  halves: boolean;
  matrices: MatrixInfo;
}

export interface WebGpuOptions {
  /** Where packages are looked for; default: as every peer. */
  folders?: string[];
  /** False leaves tfjs's backend without kernels of ours, for comparisons. */
  trains?: boolean;
  /** Of which adapters and drivers computed rightly; default: a file in the user's cache folder. */
  memory?: MachineMemory;
}

/** A graphics processor through WebGPU. */
export function webgpuProvider(options: WebGpuOptions = {}): BackendProvider {
  const find = (): { dawn: Peer | null; stock: Peer | null } => ({
    dawn: findPeer(DAWN, options.folders),
    stock: findPeer(STOCK, options.folders),
  });
  return {
    name: 'webgpu',
    precisions: ['f16', 'f32'],
    probe: async (): Promise<Probe> => {
      const { dawn, stock } = find();
      if (dawn === null || stock === null) {
        const missing = [...(dawn === null ? [DAWN] : []), ...(stock === null ? [STOCK] : [])];
        const reason = `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed (${INSTALL})`;
        return { usable: false, reason };
      }
      const { version } = dawn;
      if (stock.version !== STOCK_VERSION) {
        const reason = `it needs ${STOCK} ${STOCK_VERSION}, and ${stock.version} is installed (${INSTALL})`;
        return { usable: false, version, reason };
      }
      const trial = await tryOut(adapterProgram(dawn.url));
      if (!trial.ok) {
        const reason = `webgpu is installed but does not work: ${trial.reason}; reinstall it`;
        return { usable: false, version, reason };
      }
      const adapter = trial.answer as Adapter | null;
      if (adapter === null || (adapter.software && process.env[SOFTWARE_VARIABLE] !== '1')) {
        const found =
          adapter === null ? 'no graphics adapter' : `only a software one, ${adapter.description}`;
        return { usable: false, version, reason: `webgpu finds ${found}; check the graphics driver` };
      }
      const details = {
        adapter: adapter.description,
        precision: precisionWords(adapter),
      };
      return { usable: true, version, reason: `webgpu found ${adapter.description}`, details };
    },
    activate: async ({ precision }) => {
      const { dawn, stock } = find();
      if (dawn === null || stock === null) throw new Error('The packages of the webgpu backend are gone.');
      // Not before trainings have shown equal accuracy is f16 what `auto` takes.
      const format = precision === 'f16' ? 'f16' : 'f32';
      await quietly(async () => activate(dawn, stock, { ...options, precision: format }));
      return { precision: format, threads: null };
    },
  };
}

let opened: { module: StockModule; gpu: Gpu } | undefined;

/** tfjs's backend and WebGPU, once the backend has been activated; for tests that make devices of their own. */
export function openedWebGpu(): { module: StockModule; gpu: Gpu } {
  if (opened === undefined) throw new Error('The webgpu backend has not been activated.');
  return opened;
}

async function activate(
  dawn: Peer,
  stock: Peer,
  { trains, memory = fileMemory(), precision }: WebGpuOptions & Pick<OpenOptions, 'precision'>,
): Promise<void> {
  // tfjs's backend before there is a browser to be seen: it would register one of its own.
  opened ??= {
    module: (await import(stock.url)) as StockModule,
    gpu: provideBrowserGlobals((await import(dawn.url)) as DawnModule),
  };
  await openWebGpu(opened.module, opened.gpu, {
    ...(trains !== undefined && { trains }),
    ...{ memory, precision },
  });
}

/** What tfjs's backend looks for: a window, and a navigator with WebGPU. */
function provideBrowserGlobals({ create, globals }: DawnModule): Gpu {
  Object.assign(globalThis, globals);
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  // Kept there: what it made is gone when it is collected.
  const gpu = create(dawnOptions());
  define('navigator', { gpu });
  define('window', globalThis);
  return gpu;
}

/** Dawn shows what of WebGPU is experimental, as matrices are, to those who ask for it. */
const dawnOptions = (): string[] => [
  'enable-dawn-features=allow_unsafe_apis',
  ...(process.env[DAWN_VARIABLE] ?? '').split(' ').filter(Boolean),
];

function precisionWords({ halves, matrices }: Adapter): string {
  if (!halves) return 'f32';
  const unit = matrixUnitOf(matrices);
  return `f32; f16 by --precision f16${unit === undefined ? '' : `, by ${matrixWords(unit)} if they prove right`}`;
}

/** Answers the adapter's description, or null when there is none. */
function adapterProgram(url: string): string {
  return `
const { create, globals } = await import(${JSON.stringify(url)});
Object.assign(globalThis, globals);
const adapter = await create(${JSON.stringify(dawnOptions())}).requestAdapter({ powerPreference: 'high-performance' });
const info = adapter?.info;
answer(adapter == null ? null : {
  description: [info?.vendor, info?.device || info?.description].filter(Boolean).join(' ') || 'an adapter without a name',
  software: adapter.isFallbackAdapter === true || info?.isFallbackAdapter === true
    || /swiftshader|llvmpipe|lavapipe|software/i.test((info?.description ?? '') + (info?.device ?? '')),
  halves: adapter.features.has('shader-f16'),
  matrices: {
    subgroupMinSize: info?.subgroupMinSize,
    subgroupMaxSize: info?.subgroupMaxSize,
    subgroupMatrixConfigs: [...info?.subgroupMatrixConfigs ?? []].map(
      ({ componentType, resultComponentType, M, N, K }) => ({ componentType, resultComponentType, M, N, K }),
    ),
  },
});
process.exit(0);`;
}
