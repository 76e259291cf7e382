import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { summarize } from '../../src/experiments/significance.js';
import { percent } from '../../src/util/percent.js';

interface Record {
  name: string;
  by: string;
  accuracy: number;
  trainings: number;
  epochs: number;
  petaflop: number;
  /** On an A100, as published. */
  seconds: number | null;
}

interface Benchmark {
  machine: { cpu: string };
  figures: {
    config: { epochs: number };
    runs: { ttaAccuracy: number }[];
    petaflop: number;
    trainingSeconds: number;
  };
}

/** Recipes whose figures are kept, in the order of the accuracy they are for. */
const OURS = ['fast94', 'fast94-muon', 'fast94-sgd', 'fast', 'fast96'];

const read = <T>(folder: string, name: string): T | undefined => {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
};

/** The public records and our recipes by arithmetic, as Markdown. */
export function recordsTable(folder: string): string {
  const records = read<{ figures: Record[] }>(folder, 'records')?.figures ?? [];
  const others = records.map(({ name, by, accuracy, trainings, epochs, petaflop, seconds }) => ({
    accuracy,
    line: `| ${name} (${by}) | ${percent(accuracy)} (${trainings}) | ${epochs} | ${petaflop.toFixed(3)} | ${seconds === null ? '–' : `${seconds} s, A100`} |`,
  }));
  const ours = OURS.flatMap((recipe) => {
    const benchmark = read<Benchmark>(folder, recipe);
    if (benchmark === undefined) return [];
    const { config, runs, petaflop, trainingSeconds } = benchmark.figures;
    const { mean } = summarize(runs.map(({ ttaAccuracy }) => ttaAccuracy));
    return {
      accuracy: mean,
      line: `| **ours, \`${recipe}\`** | **${percent(mean)} (${runs.length})** | ${config.epochs} | **${petaflop.toFixed(3)}** | ${(trainingSeconds / 60).toFixed(1)} min, two cores of ${benchmark.machine.cpu.replace(/\((R|TM)\)/g, '')} |`,
    };
  });
  // Those for 94, for 95 and for 96 % stand together.
  const level = ({ accuracy }: { accuracy: number }): number => Math.round(100 * accuracy);
  const lines = [...others, ...ours].sort((a, b) => level(a) - level(b)).map(({ line }) => line);
  return [
    '| training | accuracy (trainings) | epochs | PFLOP of one, calculated | time of one, published or measured |',
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
