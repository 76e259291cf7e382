import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const NODES = ['n1', 'n2', 'n3'];
const FIRST_PORT = 17_010;

/** A Slurm of three nodes with a core each, all on this machine, as long as it is wanted. */
export class SlurmCluster {
  private readonly daemons = new Map<string, ChildProcess>();
  private readonly environment: NodeJS.ProcessEnv;

  constructor(private readonly folder: string) {
    const configuration = join(folder, 'slurm.conf');
    this.environment = { ...process.env, SLURM_CONF: configuration };
    for (const name of ['state', 'munge', ...NODES.map((node) => `spool-${node}`)]) {
      mkdirSync(join(folder, name), { mode: 0o755, recursive: true });
    }
    chmodSync(folder, 0o755);
    writeFileSync(configuration, this.configuration());
  }

  async start(): Promise<void> {
    const munge = join(this.folder, 'munge');
    const user = Number(execFileSync('id', ['-u', 'munge'], { encoding: 'utf8' }));
    const group = Number(execFileSync('id', ['-g', 'munge'], { encoding: 'utf8' }));
    const key = join(munge, 'key');
    writeFileSync(key, Buffer.alloc(1024, 'a key for tests'), { mode: 0o400 });
    for (const path of [munge, key]) chownSync(path, user, group);
    this.daemon('munged', 'setpriv', [
      ...[`--reuid=${user}`, `--regid=${group}`, '--clear-groups', 'munged', '--foreground', '--force'],
      ...[`--socket=${join(munge, 'socket')}`, `--key-file=${key}`, `--log-file=${join(munge, 'log')}`],
      ...[`--pid-file=${join(munge, 'pid')}`, `--seed-file=${join(munge, 'seed')}`],
    ]);
    await setTimeout(1500);
    this.daemon('slurmctld', 'slurmctld', ['-D']);
    for (const node of NODES) this.startNode(node);
    await this.until('the nodes are idle', () => /idle/.test(this.run('sinfo', '-h', '-o', '%T %D')));
  }

  startNode(node: string): void {
    this.daemon(node, 'slurmd', ['-D', '-N', node]);
  }

  /** A node dies at once, with all that runs on it. */
  killNode(node: string): void {
    this.daemons.get(node)?.kill('SIGKILL');
    const own = processes().filter(({ environment }) => environment.includes(`SLURMD_NODENAME=${node}`));
    const parents = new Set(own.map(({ parent }) => parent));
    // What watches over them first: it would tell Slurm of their end, and a node that dies tells nothing.
    for (const { pid, name } of processes()) if (parents.has(pid) && name.startsWith('slurmstepd')) kill(pid);
    for (const { pid } of own) kill(pid);
  }

  /** What a program of Slurm's answers. */
  run(program: string, ...args: string[]): string {
    return execFileSync(program, args, { env: this.environment, encoding: 'utf8', stdio: 'pipe' });
  }

  get env(): NodeJS.ProcessEnv {
    return this.environment;
  }

  async until(what: string, isSo: () => boolean, seconds = 60): Promise<void> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await setTimeout(500)) {
      try {
        if (isSo()) return;
      } catch {
        // The controller is not there yet, or busy.
      }
    }
    throw new Error(`Within ${seconds} s it did not come to be so: ${what}.`);
  }

  async stop(): Promise<void> {
    for (const daemon of [...this.daemons.values()].reverse()) daemon.kill('SIGTERM');
    await setTimeout(1500);
    for (const daemon of this.daemons.values()) daemon.kill('SIGKILL');
  }

  private daemon(name: string, program: string, args: string[]): void {
    const log = openSync(join(this.folder, `${name}.log`), 'a');
    this.daemons.set(name, spawn(program, args, { env: this.environment, stdio: ['ignore', log, log] }));
  }

  private configuration(): string {
    const nodes = NODES.map(
      (node, i) =>
        `NodeName=${node} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${FIRST_PORT + 1 + i} CPUs=1 RealMemory=2000`,
    );
    return `
ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${FIRST_PORT}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${join(this.folder, 'munge/socket')}
StateSaveLocation=${join(this.folder, 'state')}
SlurmdSpoolDir=${join(this.folder, 'spool-%n')}
SlurmctldPidFile=${join(this.folder, 'slurmctld.pid')}
SlurmdPidFile=${join(this.folder, 'slurmd-%n.pid')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
SlurmctldTimeout=10
KillWait=5
SchedulerParameters=sched_interval=5,batch_sched_delay=1
JobRequeue=1
${nodes.join('\n')}
PartitionName=all Nodes=${NODES.join(',')} Default=YES MaxTime=INFINITE State=UP
`;
  }
}

interface RunningProcess {
  pid: number;
  parent: number;
  name: string;
  environment: string[];
}

function processes(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        return [
          {
            pid: Number(name),
            parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]),
            name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '',
            environment: readFileSync(`/proc/${name}/environ`, 'utf8').split('\0'),
          },
        ];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
