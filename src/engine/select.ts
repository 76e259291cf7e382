import { getBackend, ready } from '@tensorflow/tfjs-core';
// Registers tfjs's own gradients, without which nothing trains.
import '@tensorflow/tfjs-layers';
import { watchOthers } from './cpuTime.js';
import { EngineError } from './errors.js';
import { type Comparison, compareBackends, rememberedRates } from './fastest.js';
import { type MachineMemory, fileMemory } from './machineMemory.js';
import type { BackendRequest } from './names.js';
import { onednnProvider } from './onednn/provider.js';
import { registerPortableKernels } from './ops/register.js';
import type { ActivateOptions, Activated, BackendProvider, Precision, Probe } from './provider.js';
import { cpuProvider } from './providers/cpu.js';
import { tensorflowProvider } from './providers/tensorflow.js';
import { trialRate } from './speedTrial.js';
import { webgpuProvider } from './webgpu/provider.js';
import { wasmProvider } from './wasm/provider.js';

/**
 * Backends in the order in which they are looked at; `auto` takes the one that a short trial finds fastest. `cpu` is for comparisons: taken
 * when no other is usable.
 */
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
  /** Images a second of the trial that `auto` goes by, where it was made. */
  trialRate?: number;
  /** Whether other programs were too busy for its trial to count. */
  isDisturbed?: boolean;
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
  /** Those that `auto` could not take, with the reason. */
  passedOver: BackendReport[];
}

/** The backend that was asked for cannot run here; the message says why and what to do. */
export class BackendUnavailableError extends EngineError {}

export interface SelectOptions extends ActivateOptions {
  /** Whether `auto` may take a second or two for a trial that was not made before; else it takes the first that is usable. Default true. */
  mayTry?: boolean;
}

/** What is chosen from, and by what; other than the defaults in tests. */
export interface SelectFrom {
  providers?: readonly BackendProvider[];
  memory?: MachineMemory;
  /** Images a second of the current backend. */
  trial?: () => Promise<number>;
  /** Begins to watch other programs; what it returns tells how many of this process's cores they have kept busy since. */
  watch?: () => () => number;
}

/**
 * Chooses a backend and makes it tfjs's current one, with all training operations registered.
 * @param request a backend's name, or `auto` for the fastest that is usable here
 * @throws BackendUnavailableError when the one asked for is not usable, or none is
 */
export async function selectBackend(
  request: BackendRequest,
  options: SelectOptions = {},
  from: SelectFrom = {},
): Promise<SelectedBackend> {
  return request === 'auto' ? selectFastest(options, from) : selectNamed(request, options, from);
}

async function selectNamed(
  request: BackendRequest,
  options: SelectOptions,
  { providers = PROVIDERS }: SelectFrom,
): Promise<SelectedBackend> {
  const provider = providers.find(({ name }) => name === request);
  if (provider === undefined) {
    throw new BackendUnavailableError(
      `There is no backend "${request}"; the backends are ${providers.map(({ name }) => name).join(', ')}.`,
    );
  }
  const report = await look(provider, options.precision);
  const outcome = report.usable ? await tryToActivate(provider, options) : report.reason;
  if (typeof outcome !== 'string') return finish(report, outcome, 'as asked for', []);
  throw new BackendUnavailableError(
    `The backend ${request} is not usable here: ${outcome}. Or choose --backend auto, which takes the fastest one that is usable.`,
  );
}

async function selectFastest(options: SelectOptions, from: SelectFrom): Promise<SelectedBackend> {
  const { providers = PROVIDERS } = from;
  const reports = await compareAll(options, from);
  const passedOver = reports.filter(({ usable }) => !usable);
  for (const report of inOrder(reports)) {
    const provider = providers.find(({ name }) => name === report.name);
    const outcome = provider === undefined ? 'it is gone' : await tryToActivate(provider, options);
    if (typeof outcome !== 'string') return finish(report, outcome, whyTaken(report), passedOver);
    passedOver.push({ ...report, usable: false, reason: outcome });
  }
  throw new BackendUnavailableError(
    `No backend is usable here (${passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}).`,
  );
}

/** Usable backends as `auto` prefers them: the fastest first, as far as they were tried. */
export function inOrder(reports: readonly BackendReport[]): BackendReport[] {
  const rateOf = ({ trialRate: rate = 0 }: BackendReport): number => rate;
  return reports.filter(({ usable }) => usable).toSorted((a, b) => rateOf(b) - rateOf(a));
}

/** Those that are worth a trial: no trial is needed where there is one alone. */
function contendersOf(reports: readonly BackendReport[]): BackendReport[] {
  const contenders = reports.filter(({ usable, name }) => usable && name !== cpuProvider.name);
  return contenders.length > 1 ? contenders : [];
}

/**
 * Looks at every backend, in the table's order, with the trial's rates of the usable ones: those found before, else, where it may be, by a
 * trial now. One that fails in it is unusable for that reason.
 */
export async function compareAll(
  options: SelectOptions = {},
  from: SelectFrom = {},
): Promise<BackendReport[]> {
  const reports = await describeBackends(from, options.precision);
  const { rates, failures, isDisturbed } = await ratesOf(reports, options, from);
  return reports.map((report) => {
    const { name } = report;
    if (Object.hasOwn(failures, name)) return { ...report, usable: false, reason: failures[name] };
    if (Object.hasOwn(rates, name)) return { ...report, trialRate: rates[name] };
    return isDisturbed && report.usable ? { ...report, isDisturbed } : report;
  });
}

async function ratesOf(
  reports: readonly BackendReport[],
  options: SelectOptions,
  { providers = PROVIDERS, memory = fileMemory(), trial = trialRate, watch = watchOthers }: SelectFrom,
): Promise<Comparison> {
  const { mayTry = true, ...activate } = options;
  const contenders = contendersOf(reports);
  const known = contenders.length === 0 ? {} : rememberedRates(contenders, activate, memory);
  if (known !== undefined || !mayTry) return { rates: known ?? {}, failures: {}, isDisturbed: false };
  const measure = async (name: string): Promise<number | string> => {
    const provider = providers.find((one) => one.name === name);
    if (provider === undefined) return 'it is gone';
    const outcome = await tryToActivate(provider, activate);
    if (typeof outcome === 'string') return outcome;
    try {
      registerPortableKernels(getBackend());
      return await trial();
    } catch (error) {
      return `it failed in a trial: ${textOf(error)}`;
    }
  };
  return compareBackends(contenders, activate, memory, measure, watch);
}

function whyTaken({ trialRate: rate, isDisturbed, reason }: BackendReport): string {
  if (rate !== undefined) return `the fastest usable here by a trial: ${reason}`;
  const untried = isDisturbed === true ? ' (other programs were too busy for a trial)' : '';
  return `the best usable here${untried}: ${reason}`;
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

/** Looks at every backend, in the table's order: whether it can compute here, and in a number format. Activates none. */
export async function describeBackends(
  { providers = PROVIDERS }: SelectFrom = {},
  precision: Precision = 'auto',
): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const provider of providers) reports.push(await look(provider, precision));
  return reports;
}

/** Probes a provider; one that breaks its promise never to throw is unusable for the reason it threw. */
async function look(provider: BackendProvider, precision: Precision = 'auto'): Promise<BackendReport> {
  const { name, precisions } = provider;
  if (precision !== 'auto' && !precisions.includes(precision)) {
    return { name, usable: false, reason: `it computes in ${precisions.join(' or ')}, not in ${precision}` };
  }
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
  { name, version, maxHeapBytes, details = {} }: BackendReport,
  { precision, threads }: Activated,
  why: string,
  passedOver: BackendReport[],
): Promise<SelectedBackend> {
  await ready();
  const tfjsName = getBackend();
  registerPortableKernels(tfjsName);
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
