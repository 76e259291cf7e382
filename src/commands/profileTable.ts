import type { ProfileReport } from '../engine/profile.js';
import { percent } from '../util/percent.js';
import { formatTable } from './output.js';

type Of<On extends ProfileReport['on']> = Extract<ProfileReport, { on: On }>;

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** What a profiled training spent its time on, as lines of text. */
export function profileLines(report: ProfileReport, trainingSeconds: number): string[] {
  return report.on === 'processor'
    ? processorLines(report, trainingSeconds)
    : deviceLines(report, trainingSeconds);
}

function processorLines(report: Of<'processor'>, trainingSeconds: number): string[] {
  const rows = report.kernels.map(({ name, calls, ms }) => [
    name,
    String(calls),
    seconds(ms),
    percent(ms / 1000 / trainingSeconds, 1),
    (ms / calls).toFixed(2),
  ]);
  const fallbacks = Object.entries(report.fallbacksHit).map(([name, count]) => `${name} × ${count}`);
  return [
    'Profile, validation included (a kernel that calls others counts their time too):',
    ...formatTable(['kernel', 'calls', 'seconds', 'of training time', 'ms a call'], rows),
    `layouts reordered: ${report.reorders.count}, ${gigabytes(report.reorders.bytes)}, ${seconds(report.reorders.ms)} s`,
    `allocated: ${gigabytes(report.allocatedBytes)}`,
    `fall-backs to plain JavaScript: ${fallbacks.length > 0 ? fallbacks.join(', ') : 'none'}`,
  ];
}

function deviceLines({ kernels }: Of<'device'>, trainingSeconds: number): string[] {
  const row = (name: string, of: readonly (typeof kernels)[number][]): string[] => {
    const sum = (key: 'dispatches' | 'bytes' | 'leastBytes' | 'flops'): number =>
      of.reduce((total, kernel) => total + kernel[key], 0);
    const ms = of.reduce((total, kernel) => total + (kernel.ms ?? NaN), 0);
    return [
      name,
      String(sum('dispatches')),
      Number.isNaN(ms) ? '–' : seconds(ms),
      Number.isNaN(ms) ? '–' : percent(ms / 1000 / trainingSeconds, 1),
      gigabytes(sum('bytes')),
      (sum('bytes') / sum('leastBytes')).toFixed(2),
      (sum('flops') / sum('bytes')).toFixed(1),
    ];
  };
  const header = [
    'kernel',
    'dispatches',
    'seconds',
    'of training time',
    'moved',
    'of the least',
    'flop a byte',
  ];
  return [
    'Profile of the graphics device, validation included (moved: all that a dispatch reads or writes, once a dispatch; the least: once a kernel):',
    ...formatTable(header, [...kernels.map((kernel) => row(kernel.name, [kernel])), row('in all', kernels)]),
  ];
}
