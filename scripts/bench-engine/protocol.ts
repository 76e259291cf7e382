import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** Steps that a contestant's turn counts, in a row, after a first that is not counted. */
export const COUNTED_STEPS = 2;

/** What a measured program answers to `step`: seconds of one training step, and its loss. */
export interface StepAnswer {
  seconds: number;
  loss: number;
}

/** What of ours is measured: see tfjs.ts. */
export interface Ours {
  backend: string;
  precision: string;
  net: string;
  /** Images of a step. */
  batch: string;
  threads: string;
  /** Of the images, in pixels. Default 32. */
  side?: string;
}

/** Our training steps, as a program that takes its turn. */
export const ourContestant = (
  name: string,
  { backend, precision, net, batch, threads, side = '32' }: Ours,
): Contestant =>
  new Contestant(
    name,
    process.execPath,
    ['--import', 'tsx', 'scripts/bench-engine/tfjs.ts', backend, precision, net, batch, threads, side],
    { OMP_NUM_THREADS: threads },
  );

/**
 * A program that is measured: it reads a command a line and answers each with a line of JSON, so that several can take
 * turns on the same machine. It does nothing between commands.
 */
export class Contestant {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
  ) {
    this.#process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    if (this.#process.stdout === null) throw new TypeError('a piped process has an output');
    this.#reader = createInterface(this.#process.stdout);
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async ask<T>(command: string): Promise<T> {
    this.#process.stdin?.write(`${command}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error(`${this.name} ended instead of answering "${command}".`);
    return JSON.parse(answer.value) as T;
  }

  /** Mean seconds of a turn's steps. */
  async turn(command: 'step' | 'recipeStep' | 'predict'): Promise<number> {
    await this.ask(command);
    let seconds = 0;
    for (let i = 0; i < COUNTED_STEPS; i++) {
      seconds += (await this.ask<{ seconds: number }>(command)).seconds;
    }
    return seconds / COUNTED_STEPS;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin?.end();
    this.#reader.close();
    await ended;
  }
}
