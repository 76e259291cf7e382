import koffi from 'koffi';
import { koffiTypes, linuxSymbols } from './symbols.js';

/**
 * How often a thread of libgomp looks whether there is work before it goes to sleep. Its own default, some milliseconds, gains
 * nothing on a quiet machine, and costs an eighth of the speed of large steps and three quarters of that of small ones where another program wants a core.
 */
const SPIN_COUNT = '3000';

/** By these the user has said how threads are to wait. */
const WAITING = ['OMP_WAIT_POLICY', 'GOMP_SPINCOUNT'];

/**
 * Loads a library that brings OpenMP along, which reads the environment at that moment and, where that asks for bound threads,
 * binds the thread that loads it, and so all that this thread starts, to one core: Node's own threads are to stay free.
 */
export function undisturbed<T>(load: () => T): T {
  const isWaitingOurs = WAITING.every((name) => process.env[name] === undefined);
  if (isWaitingOurs) process.env['GOMP_SPINCOUNT'] = SPIN_COUNT;
  const restore = process.platform === 'linux' ? affinity() : undefined;
  try {
    return load();
  } finally {
    restore?.();
    if (isWaitingOurs) delete process.env['GOMP_SPINCOUNT'];
  }
}

/** Cores that the kernel can number. */
const MASK_BYTES = 1024;

/** Takes down the cores that this thread may run on; the function returned gives it those again. */
function affinity(): (() => void) | undefined {
  const libc = koffi.load('libc.so.6');
  const bind = (name: 'sched_getaffinity' | 'sched_setaffinity') => {
    const [result, parameters] = linuxSymbols[name];
    return libc.func(
      name,
      koffiTypes[result],
      parameters.map((type) => koffiTypes[type]),
    );
  };
  const mask = new Uint8Array(MASK_BYTES);
  if ((bind('sched_getaffinity')(0, MASK_BYTES, mask) as number) < 0) return undefined;
  const set = bind('sched_setaffinity');
  return () => void set(0, MASK_BYTES, mask);
}
