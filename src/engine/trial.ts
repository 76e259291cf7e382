import { execFile } from 'node:child_process';

/** How a program run in a child process went. */
export type Trial = { ok: true; answer: unknown } | { ok: false; reason: string };

/** Begins the line by which a trial answers, among whatever else a library prints. */
const MARK = 'trial-answer ';

/**
 * Runs a small program in a Node.js process of its own, so that a library with native code can be tried out without
 * letting it crash or hang this one.
 * @param program source of an ES module; it answers by calling `answer(value)` with something JSON can hold
 * @param timeoutMs after which the trial counts as hung
 */
export function tryOut(program: string, timeoutMs = 60_000): Promise<Trial> {
  const source = `const answer = (value) => console.log(${JSON.stringify(`\n${MARK}`)} + JSON.stringify(value));\n${program}`;
  const args = ['--input-type=module', '--eval', source];
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: timeoutMs, env }, (error, stdout, stderr) => {
      const line = stdout.split('\n').find((text) => text.startsWith(MARK));
      if (error === null && line !== undefined) {
        resolve({ ok: true, answer: JSON.parse(line.slice(MARK.length)) as unknown });
        return;
      }
      resolve({ ok: false, reason: reasonOf(error, stderr, timeoutMs) });
    });
  });
}

function reasonOf(error: Error | null, stderr: string, timeoutMs: number): string {
  if (error !== null && 'killed' in error && error.killed === true) {
    return `it did not answer within ${timeoutMs / 1000} s`;
  }
  if (error !== null && 'signal' in error && typeof error.signal === 'string') {
    return `it crashed with ${error.signal}`;
  }
  // The line of an uncaught error that names it.
  const named = /^(?:\w*Error[^\n]*: )?\S.*$/m;
  const line = stderr.split('\n').find((text) => /^\w*Error\b/.test(text)) ?? named.exec(stderr)?.[0];
  return line?.trim() ?? 'it ended without an answer';
}
