import { cpus } from 'node:os';

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
