import { EXIT, codeOf, messageOf } from '../util/errors.js';
import { printError } from './output.js';

/**
 * Standard streams may end before the work does: a reader has seen enough (`cifar train | head`), a terminal is closed, a
 * disk is full. The work goes on, and what it saves is saved; that a result could not be printed is told by the exit code.
 */
export function outliveStreams(): void {
  let isToldOf = false;
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error) => {
    if (isToldOf || codeOf(error) === 'EPIPE') return;
    isToldOf = true;
    const reason = codeOf(error) === 'ENOSPC' ? 'the disk is full' : messageOf(error);
    printError(`Error: standard output cannot be written (${reason}); the work goes on.`);
    process.on('exit', (code) => {
      if (code === EXIT.done) process.exitCode = EXIT.failed;
    });
  });
}
