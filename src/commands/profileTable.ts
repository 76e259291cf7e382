import type { ProfileReport } from '../engine/profile.js';
import { percent } from '../util/percent.js';
import { formatTable } from './output.js';

/** What a profiled training spent its time on, as lines of text. */
export function profileLines(report: ProfileReport, trainingSeconds: number): string[] {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
  const rows = report.kernels.map(({ name, calls, ms }) => [
    name,
    String(calls),
    (ms / 1000).toFixed(2),
    percent(ms / 1000 / trainingSeconds, 1),
    (ms / calls).toFixed(2),
  ]);
  const fallbacks = Object.entries(report.fallbacksHit).map(([name, count]) => `${name} × ${count}`);
  return [
    'Profile, validation included (a kernel that calls others counts their time too):',
    ...formatTable(['kernel', 'calls', 'seconds', 'of training time', 'ms a call'], rows),
    `layouts reordered: ${report.reorders.count}, ${gigabytes(report.reorders.bytes)}, ${(report.reorders.ms / 1000).toFixed(2)} s`,
    `allocated: ${gigabytes(report.allocatedBytes)}`,
    `fall-backs to plain JavaScript: ${fallbacks.length > 0 ? fallbacks.join(', ') : 'none'}`,
  ];
}
