import { cpus } from 'node:os';
import { usableCores } from './cores.js';

/** Processor time used so far, in seconds summed over cores: by this process, and by everything on the machine. */
export interface CpuTime {
  own: number;
  all: number;
}

export function cpuTime(): CpuTime {
  const { user, system } = process.cpuUsage();
  const busy = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { own: (user + system) / 1e6, all: busy / 1e3 };
}

/** Processor time that others than this process used since then, in seconds. */
export function othersSince({ own, all }: CpuTime): number {
  const now = cpuTime();
  return Math.max(0, now.all - all - (now.own - own));
}

/** Begins to watch the machine. @returns asked, how many of the cores that this process may use others have kept busy since, on average */
export function watchOthers(): () => number {
  const [before, start] = [cpuTime(), performance.now()];
  return () => {
    const busy = (1000 * othersSince(before)) / (performance.now() - start);
    return Math.max(0, busy - (cpus().length - usableCores()));
  };
}
