import { type ChildProcess, spawn } from 'node:child_process';

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  process: ChildProcess;
  done: Promise<CliResult>;
}

/**
 * Starts the program as it was built before the tests, as a user's shell would, in a given folder. What it answers names it
 * `cifar` where it says how it was called.
 */
export function startCli(
  args: readonly string[],
  cwd: string,
  { env: more = {}, stdout: out = 'pipe' }: { env?: NodeJS.ProcessEnv; stdout?: 'pipe' | number } = {},
): RunningCli {
  const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
  // One thread: two programs at once, of two threads each, take four times as long on two cores.
  const env: NodeJS.ProcessEnv = { OMP_NUM_THREADS: '1', ...process.env, ...more };
  // As if it were called by that path, not by way of npm, which runs the tests.
  for (const name of ['npm_command', 'npm_lifecycle_event']) delete env[name];
  const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ['ignore', out, 'pipe'] });
  const shortened = (text: string): string => text.replaceAll(`node ${cli} `, 'cifar ');
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const done = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout: shortened(stdout), stderr: shortened(stderr) }),
    );
  });
  return { process: child, done };
}

export function runCli(
  args: readonly string[],
  cwd: string,
  options: Parameters<typeof startCli>[2] = {},
): Promise<CliResult> {
  return startCli(args, cwd, options).done;
}
