import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { InterruptedError } from '../util/errors.js';
import { printProgress } from './output.js';

/** SIGUSR2 is what schedulers are told to send before a time limit; Windows has none, and Node.js keeps SIGUSR1 for itself. */
const SIGNALS = (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const).filter(
  (name) => name !== 'SIGUSR2' || process.platform !== 'win32',
);
type Signal = (typeof SIGNALS)[number];

/** npx hands a Ctrl-C on that the terminal has sent already: within this time two are one. */
const SAME_PRESS_MS = 700;

/**
 * A terminal that closes sends SIGHUP, and so may whoever wants an end. Where no standard stream was a terminal at the
 * start, none can close, and the program was told to stay (nohup, which Node hides: it takes the signal's ignoring away).
 */
const hadTerminal = [0, 1, 2].some((stream) => isatty(stream));

/**
 * Runs work that signals stop in an orderly way: the first aborts the signal it is given, a second ends the process at once.
 * @throws InterruptedError with the signal's exit code, 128 + its number
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let first: { name: Signal; at: number } | undefined;
  const stop = (name: Signal): void => {
    if (name === 'SIGHUP' && !hadTerminal) return;
    const now = performance.now();
    if (first === undefined) {
      first = { name, at: now };
      printProgress('Stopping… (once more: at once, and what is not saved yet is lost)');
      controller.abort(new InterruptedError('Interrupted.'));
    } else if (now - first.at > SAME_PRESS_MS) {
      printProgress('Stopped at once.');
      process.exit(exitCodeOf(name));
    }
  };
  for (const name of SIGNALS) process.on(name, stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    // After `await`, what a signal did is beyond the compiler's sight.
    const name = (first as { name: Signal } | undefined)?.name;
    if (!(error instanceof InterruptedError) || name === undefined) throw error;
    throw new InterruptedError(error.message, { exitCode: exitCodeOf(name), cause: error });
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}

function exitCodeOf(signal: Signal): number {
  return 128 + constants.signals[signal];
}
