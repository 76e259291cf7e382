import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a thread from a module beside the caller's, from its TypeScript source when the caller itself runs from
 * source (under tsx or vitest), else from the built JavaScript.
 * @param base the caller's `import.meta.url`
 * @param module path of the thread's module relative to the caller, without its ending: `./batchWorker`
 */
export function startWorker(base: string, module: string, options: WorkerOptions = {}): Worker {
  if (!base.endsWith('.ts')) return new Worker(new URL(`${module}.js`, base), options);

  // `--import tsx` does nothing in a thread of Node 20: the thread has to register the loader itself. It is named by
  // its full address, since a bare name would be looked up from the current folder.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = JSON.stringify(new URL(`${module}.ts`, base).href);
  const start = `import(${loader}).then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(start, { ...options, eval: true });
}

/**
 * Starts a process from a module beside the caller's, as `startWorker` does a thread.
 * @param module path relative to the caller, without its ending
 */
export function startProcess(base: string, module: string, options: ForkOptions = {}): ChildProcess {
  const isSource = base.endsWith('.ts');
  const loader = isSource ? ['--import', import.meta.resolve('tsx')] : [];
  const program = fileURLToPath(new URL(`${module}.${isSource ? 'ts' : 'js'}`, base));
  return fork(program, { ...options, execArgv: loader });
}
