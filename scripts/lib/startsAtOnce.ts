import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory } from '../../src/runs/history.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { type Ended, SMALL, checkWhole, start } from './smallRuns.js';

/** What is wrong with how many starts at once ended; undefined when one trained and the others were told so. */
function problem(results: readonly Ended[], refusal: RegExp): string | undefined {
  const trained = results.filter(({ code }) => code === 0);
  const refused = results.filter(({ code, stderr }) => code === 2 && refusal.test(stderr));
  if (trained.length === 1 && refused.length === results.length - 1) return undefined;
  const others = results.filter((result) => !trained.includes(result) && !refused.includes(result));
  return `${trained.length} trained, ${refused.length} were refused; the others: ${others.map(({ code, stderr }) => `${code} ${stderr}`).join('\n')}`;
}

/** Several trainings of one name begin at once: one gets it. @throws Error otherwise, or when its folder is not whole */
export async function startsOfOneName(
  folder: string,
  name: string,
  count: number,
  data: readonly string[],
): Promise<void> {
  const starts = Array.from({ length: count }, (_, seed) =>
    start([...SMALL, ...data, '--epochs', '1', '--name', name, '--seed', String(seed)], folder),
  );
  const results = await Promise.all(starts.map(({ ended }) => ended));
  const wrong = problem(results, /There is already a run/);
  if (wrong !== undefined) throw new Error(`One name: ${wrong}`);
  const run = join(folder, 'models', name);
  checkWhole(run);
  const seed = /^seed: (\d+)$/m.exec(readFileSync(join(run, 'config.yaml'), 'utf8'))?.[1];
  const winner = results.findIndex(({ code }) => code === 0);
  if (seed !== String(winner))
    throw new Error(`The folder holds the options of start ${seed}, trained by ${winner}.`);
  if (existsSync(join(run, 'owner.json'))) throw new Error('An owner was left behind.');
  const left = readdirSync(run).filter((file) => file.endsWith('.part'));
  if (left.length > 0) throw new Error(`Left behind: ${left.join(', ')}`);
}

/**
 * Several `--resume` of one run, whose owner was killed, begin at once: one goes on. Those that come when it has ended find
 * nothing to do. @throws Error otherwise, or when an epoch is lost or comes twice
 */
export async function startsOfOneResume(
  folder: string,
  name: string,
  count: number,
  data: readonly string[],
  epochs: number,
): Promise<void> {
  const run = runFolder(join(folder, 'models', name));
  const starts = Array.from({ length: count }, () =>
    start(['train', '--resume', name, '--epochs', String(epochs), ...data], folder),
  );
  const results = await Promise.all(starts.map(({ ended }) => ended));
  const wrong = problem(results, /is being trained by process|has finished its \d+ epochs/);
  if (wrong !== undefined) throw new Error(`One resume: ${wrong}`);
  checkWhole(run.path);
  const trained = readHistory(run).map(({ epoch }) => epoch);
  const wanted = Array.from({ length: epochs }, (_, epoch) => epoch);
  if (trained.join() !== wanted.join())
    throw new Error(`Epochs ${trained.join()}, expected ${wanted.join()}.`);
  if (existsSync(join(run.path, 'owner.json'))) throw new Error('An owner was left behind.');
}
