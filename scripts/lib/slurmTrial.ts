import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './earlierProgram.js';
import { SlurmCluster } from './slurmCluster.js';

/** A trial on a Slurm of three nodes: its folder, one beside it where the same is done without Slurm, and what happened, line by line. */
export class SlurmTrial {
  readonly folder = mkdtempSync(join(tmpdir(), 'cifar-slurm-'));
  readonly alone = join(this.folder, 'alone');
  readonly cluster = new SlurmCluster(join(this.folder, 'slurm'));
  readonly transcript: string[] = [];
  private readonly begun = Date.now();

  constructor() {
    // munged, which is not root, keeps its socket there.
    chmodSync(this.folder, 0o755);
    mkdirSync(this.alone);
  }

  /** Prints a line with the seconds since the beginning, and keeps it. */
  tell(line: string): void {
    const told = `${((Date.now() - this.begun) / 1000).toFixed(0).padStart(4)} s  ${line}`;
    this.transcript.push(told);
    console.log(told);
  }

  /** Calls the program where Slurm is; returns what it prints. */
  onCluster(...args: string[]): string {
    return cifar(this.folder, this.cluster.env, args);
  }

  /** Calls it without Slurm, beside. */
  withoutSlurm(...args: string[]): string {
    return cifar(this.alone, process.env, args);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function cifar(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): string {
  return execFileSync(process.execPath, [join(ROOT, 'dist/cli.js'), ...args], {
    ...{ cwd, env, encoding: 'utf8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
