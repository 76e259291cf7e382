import { setTimeout } from 'node:timers/promises';
import type { MachineMemory } from './machineMemory.js';
import type { ActivateOptions, Probe } from './provider.js';

/** A usable backend that may be compared with others. */
export interface Contender extends Probe {
  readonly name: string;
}

/** Images a second of a small training, by the backend's name. */
type TrialRates = Readonly<Record<string, number>>;

/** The rates of those that ran, and why the others did not. */
export interface Comparison {
  readonly rates: TrialRates;
  readonly failures: Readonly<Record<string, string>>;
  /** Whether other programs were too busy for rates to tell anything, so that there are none. */
  readonly isDisturbed: boolean;
}

/**
 * Cores that other programs may keep busy during a trial. Threads that wait for each other lose most by them: beside two trainings and tests a
 * backend of two threads had a hundredth of its rate, one of a single thread a sixth.
 */
const DISTURBING = 0.5;

/** Long enough to see whether they are at work, before a trial is begun. */
const LOOK_MS = 100;

/** What a comparison was made of; another library, driver or processor, or another format asked for, is another comparison. */
function keyOf(contenders: readonly Contender[], { precision = 'auto', threads }: ActivateOptions): string {
  const parts = contenders.map(({ name, version, details }) => [name, version, details]);
  return `quiet trial ${JSON.stringify([parts, precision, threads ?? 'auto'])}`;
}

/** The rates that a comparison of these backends found earlier. */
export function rememberedRates(
  contenders: readonly Contender[],
  options: ActivateOptions,
  memory: MachineMemory,
): TrialRates | undefined {
  const known = memory.get(keyOf(contenders, options));
  if (typeof known !== 'object' || known === null) return undefined;
  const isRate = ([name, rate]: [string, unknown]): boolean =>
    contenders.some((contender) => contender.name === name) && typeof rate === 'number' && rate > 0;
  return Object.entries(known).every(isRate) && Object.keys(known).length > 0
    ? (known as TrialRates)
    : undefined;
}

/**
 * Compares backends by a short trial of each, and remembers the rates.
 * @param measure makes a backend the current one and answers its images a second, or why it does not run
 * @param watch begins to watch other programs; what it returns tells how many cores they have kept busy since
 */
export async function compareBackends(
  contenders: readonly Contender[],
  options: ActivateOptions,
  memory: MachineMemory,
  measure: (name: string) => Promise<number | string>,
  watch: () => () => number,
): Promise<Comparison> {
  const disturbed = (failures = {}): Comparison => ({ rates: {}, failures, isDisturbed: true });
  const coresOfOthers = watch();
  await setTimeout(LOOK_MS);
  if (coresOfOthers() > DISTURBING) return disturbed();
  const rates: Record<string, number> = {};
  const failures: Record<string, string> = {};
  for (const { name } of contenders) {
    const outcome = await measure(name);
    if (typeof outcome === 'number') rates[name] = Number(outcome.toPrecision(3));
    else failures[name] = outcome;
  }
  if (coresOfOthers() > DISTURBING) return disturbed(failures);
  // A failure may pass, and is told each time until then.
  if (Object.keys(failures).length === 0) memory.set(keyOf(contenders, options), rates);
  return { rates, failures, isDisturbed: false };
}
