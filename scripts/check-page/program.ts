import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../lib/earlierProgram.js';

const CLI = join(ROOT, 'dist/cli.js');

/** Runs a command of the built program to its end; what it printed to standard output. */
export async function cifar(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    maxBuffer: 1e8,
  });
  return stdout;
}

/** Begins a command of the built program. */
export function begin(...args: string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Begins `cifar serve`; resolves when it listens. */
export async function serve(...args: string[]): Promise<{ url: string; pid: number; stop(): void }> {
  const child = begin('serve', ...args);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => {
      const found = /http:\/\/\S+/.exec(text.toString())?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`cifar serve ended with ${code}.`)));
  });
  return { url, pid: child.pid ?? 0, stop: () => void child.kill() };
}
