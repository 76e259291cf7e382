import { InterruptedError } from '../util/errors.js';
import { printProgress } from './output.js';

/**
 * Runs work that SIGINT and SIGTERM stop in an orderly way: the first aborts the signal it is given, a second ends the
 * process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    printProgress('Stopping…');
    controller.abort(new InterruptedError('Interrupted.'));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
