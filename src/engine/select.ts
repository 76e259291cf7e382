import { getBackend, ready } from '@tensorflow/tfjs-core';
// Registers tfjs's own gradients, without which nothing trains.
import '@tensorflow/tfjs-layers';
import { EngineError } from './errors.js';
import type { BackendRequest } from './names.js';
import { onednnProvider } from './onednn/provider.js';
import { registerPortableKernels } from './ops/register.js';
import type { ActivateOptions, Activated, BackendProvider, Probe } from './provider.js';
import { cpuProvider } from './providers/cpu.js';
import { tensorflowProvider } from './providers/tensorflow.js';
import { webgpuProvider } from './webgpu/provider.js';
import { wasmProvider } from './wasm/provider.js';

/** Backends in the order of preference. `auto` takes the first usable one; `cpu` comes last and is never reached. */
export const PROVIDERS: readonly BackendProvider[] = [
  tensorflowProvider('tensorflow-gpu', '@tensorflow/tfjs-node-gpu', true),
  webgpuProvider(),
  onednnProvider,
  tensorflowProvider('tensorflow', '@tensorflow/tfjs-node', false),
  wasmProvider,
  cpuProvider,
];

/** One backend in a report. */
export interface BackendReport extends Probe {
  name: string;
}

/** The backend that now runs. */
export interface SelectedBackend extends Activated {
  name: string;
  /** The name tfjs knows it by. */
  tfjsName: string;
  /** One sentence for the user without a full stop: why this one. */
  why: string;
  version?: string;
  /** Most memory its tensors can take together, in bytes, when the backend itself sets a limit. */
  maxHeapBytes?: number;
  details: Record<string, string>;
  /** The better ones that `auto` passed over, with the reason. */
  passedOver: BackendReport[];
}

/** The backend that was asked for cannot run here; the message says why and what to do. */
export class BackendUnavailableError extends EngineError {}

/**
 * Chooses a backend and makes it tfjs's current one, with all training operations registered.
 * @param request a backend's name, or `auto` for the best that is usable here
 * @throws BackendUnavailableError when the one asked for is not usable, or none is
 */
export async function selectBackend(
  request: BackendRequest,
  options: ActivateOptions = {},
  providers: readonly BackendProvider[] = PROVIDERS,
): Promise<SelectedBackend> {
  const candidates = request === 'auto' ? providers : providers.filter(({ name }) => name === request);
  if (candidates.length === 0) {
    throw new BackendUnavailableError(
      `There is no backend "${request}"; the backends are ${providers.map(({ name }) => name).join(', ')}.`,
    );
  }
  const passedOver: BackendReport[] = [];
  for (const provider of candidates) {
    const report = await look(provider);
    const outcome = report.usable ? await tryToActivate(provider, options) : report.reason;
    if (typeof outcome !== 'string') return finish(report, outcome, request, passedOver);
    passedOver.push({ ...report, usable: false, reason: outcome });
  }
  throw new BackendUnavailableError(
    request === 'auto'
      ? `No backend is usable here (${passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}).`
      : `The backend ${request} is not usable here: ${passedOver[0].reason}. Or choose --backend auto, which takes the best one that is usable.`,
  );
}

/** @returns how it computes when it runs now, else the reason why it does not */
async function tryToActivate(
  provider: BackendProvider,
  options: ActivateOptions,
): Promise<Activated | string> {
  try {
    return await provider.activate(options);
  } catch (error) {
    return `it failed to start: ${textOf(error)}`;
  }
}

/** Looks at every backend, in the order of preference. Activates none. */
export async function describeBackends(
  providers: readonly BackendProvider[] = PROVIDERS,
): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const provider of providers) reports.push(await look(provider));
  return reports;
}

/** Probes a provider; one that breaks its promise never to throw is unusable for the reason it threw. */
async function look(provider: BackendProvider): Promise<BackendReport> {
  try {
    return { name: provider.name, ...(await provider.probe()) };
  } catch (error) {
    return { name: provider.name, usable: false, reason: textOf(error) };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function finish(
  { name, reason, version, maxHeapBytes, details = {} }: BackendReport,
  { precision, threads }: Activated,
  request: BackendRequest,
  passedOver: BackendReport[],
): Promise<SelectedBackend> {
  await ready();
  const tfjsName = getBackend();
  registerPortableKernels(tfjsName);
  const why = request === 'auto' ? `the best usable here: ${reason}` : 'as asked for';
  return {
    name,
    tfjsName,
    why,
    precision,
    threads,
    ...(version !== undefined && { version }),
    ...(maxHeapBytes !== undefined && { maxHeapBytes }),
    details,
    passedOver,
  };
}
