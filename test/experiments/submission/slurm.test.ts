import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SubmissionPlan, readPlan } from '../../../src/experiments/submission/plan.js';
import { submitToSlurm, writeScripts } from '../../../src/experiments/submission/slurm.js';
import { type SlurmRequest, quoted, stageScript } from '../../../src/experiments/submission/slurmScript.js';
import { planStatus } from '../../../src/experiments/submission/status.js';
import { Owner } from '../../../src/runs/owner.js';
import { temporaryFolder } from '../../helpers/folders.js';
import { plainRun } from '../../helpers/plainRuns.js';

const REQUEST: SlurmRequest = {
  ...{ cpus: 4, partition: 'long', time: '8:00:00', arrayLimit: 3, maxRequeues: 5, saveBefore: 90 },
  more: ['--account=our lab'],
};
const PROGRAM = ['/usr/bin/node', '/opt/my programs/cli.js'] as const;

function plan(folder: string, changed: Partial<SubmissionPlan> = {}): SubmissionPlan {
  return {
    ...{ name: 'six', kind: 'ensemble', folder, modelsDir: join(folder, 'models') },
    predictionsDir: join(folder, 'predictions'),
    stages: [
      {
        ...{ name: 'members', args: ['ensemble', 'train', '--member-index', 'auto'], after: [] },
        tasks: [0, 1, 2].map((index) => ({ run: `six-${index}`, prediction: `pred_${index}` })),
      },
    ],
    ...{ collect: ['ensemble', 'train', '--collect'], jobs: {} },
    ...changed,
  };
}

afterEach(() => vi.unstubAllEnvs());

/** A program of that name that Slurm might have, first in the path. */
function pretend(folder: string, name: string, script: string): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
}

describe('a batch script', () => {
  it('asks for what was asked, and goes on after a time limit, each task by itself', () => {
    const text = stageScript(plan('/home/me'), plan('/home/me').stages[0], REQUEST, PROGRAM);
    for (const line of [
      '--array=0-2%3',
      '--cpus-per-task=4',
      '--partition=long',
      '--time=8:00:00',
      '--requeue',
      '--open-mode=append',
      '--signal=USR2@90',
      '--chdir=/home/me',
      '--output=/home/me/models/plans/six/members-%a.log',
      '--account=our lab',
    ]) {
      expect(text.split('\n')).toContain(`#SBATCH ${line}`);
    }
    expect(text).toContain(
      `srun --cpus-per-task="$SLURM_CPUS_PER_TASK" /usr/bin/node '/opt/my programs/cli.js' ensemble train --member-index auto\n`,
    );
    expect(text).toContain('scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"');
    expect(text).toContain('[ "$starts" -ge 5 ]');
  });

  it.each([
    ['plain-1.5', 'plain-1.5'],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['$(rm -rf /)', "'$(rm -rf /)'"],
    ['', "''"],
  ])('has %s as %s', (word, text) => {
    expect(quoted(word)).toBe(text);
  });

  /** Runs it as Slurm would, with what it calls pretended. */
  async function run(
    code: number,
    environment: Record<string, string>,
    requeues: boolean,
  ): Promise<string[]> {
    const { spawnSync } = await import('node:child_process');
    const folder = temporaryFolder();
    const own = plan(folder);
    const called = join(folder, 'called');
    pretend(folder, 'srun', `exit ${code}`);
    pretend(folder, 'scontrol', `echo scontrol "$@" >> ${called}; exit ${requeues ? 0 : 1}`);
    pretend(folder, 'sbatch', `echo sbatch "$@" "followed=$CIFAR_FOLLOWED" >> ${called}; echo 77\\;here`);
    pretend(folder, 'sleep', `exit 0`);
    const [script] = writeScripts(own, REQUEST, PROGRAM);
    const { status, stderr } = spawnSync('bash', [script], {
      env: {
        ...process.env,
        SLURM_CPUS_PER_TASK: '4',
        SLURM_ARRAY_JOB_ID: '9',
        SLURM_ARRAY_TASK_ID: '2',
        ...environment,
      },
      encoding: 'utf8',
    });
    const lines = existsSync(called) ? readFileSync(called, 'utf8').trim().split('\n') : [];
    return [
      `exit ${status}`,
      ...lines.map((line) => line.replace(folder, '')),
      ...stderr.trim().split('\n'),
    ].filter(Boolean);
  }

  it('ends as the training does, unless its time was up', async () => {
    expect(await run(0, {}, true)).toEqual(['exit 0']);
    expect(await run(1, {}, true)).toEqual(['exit 1']);
    // Cancelled by whoever submitted it.
    expect(await run(143, {}, true)).toEqual(['exit 143']);
  });

  it('is queued again by itself, else by a job that follows, and not for ever', async () => {
    expect((await run(140, {}, true))[1]).toBe('scontrol requeue 9_2');
    const followed = await run(140, { SLURM_RESTART_COUNT: '1', CIFAR_FOLLOWED: '2' }, false);
    expect(followed.slice(2, 4)).toEqual([
      'sbatch --parsable --array=2 --dependency=afterany:9_2 /models/plans/six/members.sbatch followed=4',
      'sbatch --dependency=afterany:77 /models/plans/six/collect.sbatch followed=2',
    ]);
    const last = await run(140, { SLURM_RESTART_COUNT: '5' }, true);
    expect(last[0]).toBe('exit 140');
    expect(last[1]).toMatch(/The time limit was met 6 times/);
  });
});

describe('a plan', () => {
  it('is handed over with what waits for what, and keeps the numbers', () => {
    const folder = temporaryFolder();
    const called = join(folder, 'called');
    pretend(folder, 'sbatch', `echo "$@" >> ${called}; echo $(wc -l < ${called})\\;here`);
    const own = plan(folder, {
      stages: [
        { name: 'parent', args: ['reproduce'], tasks: [{ run: 'a' }], after: [] },
        { name: 'fork', args: ['reproduce'], tasks: [{ run: 'b' }], after: ['parent'] },
      ],
    });
    writeScripts(own, REQUEST, PROGRAM);
    expect(submitToSlurm(own).jobs).toEqual({ parent: '1', fork: '2', collect: '3' });
    const at = join(folder, 'models/plans/six');
    expect(readFileSync(called, 'utf8').trim().split('\n')).toEqual([
      `--parsable ${at}/parent.sbatch`,
      `--parsable --dependency=afterany:1 ${at}/fork.sbatch`,
      `--parsable --dependency=afterany:1:2 ${at}/collect.sbatch`,
    ]);
    expect(readPlan(own.modelsDir, undefined).jobs).toEqual({ parent: '1', fork: '2', collect: '3' });
  });

  it('says in Slurm’s words why it was not taken, and what of it was', () => {
    const folder = temporaryFolder();
    const once = join(folder, 'once');
    pretend(
      folder,
      'sbatch',
      `if [ -e ${once} ]; then echo 'sbatch: error: QOS limit' >&2; exit 1; fi; touch ${once}; echo 41`,
    );
    const own = plan(folder);
    writeScripts(own, REQUEST, PROGRAM);
    expect(() => submitToSlurm(own)).toThrow(
      /Slurm has not taken .*collect\.sbatch: sbatch: error: QOS limit\. Taken before that: members: job 41; scancel ends them\./,
    );
    expect(readPlan(own.modelsDir, 'six').jobs).toEqual({ members: '41' });
  });

  it('is found by its name only, where there are several', () => {
    const folder = temporaryFolder();
    for (const name of ['six', 'seven']) writeScripts(plan(folder, { name }), REQUEST, PROGRAM);
    expect(() => readPlan(join(folder, 'models'), undefined)).toThrow(/Which plan\? There are: seven, six\./);
    expect(() => readPlan(join(folder, 'models'), 'sixx')).toThrow(/No plan "sixx"\. Did you mean "six"\?/);
    writeFileSync(join(folder, 'models/plans/six/plan.json'), '{"name": 6}');
    expect(() => readPlan(join(folder, 'models'), 'six')).toThrow(/plan\.json is not a plan of cifar submit/);
  });
});

it('status knows the runs of a rung once they are decided, and how far they are to come', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'models/few-rungs/2.json');
  const own = plan(folder, {
    kind: 'search',
    stages: [
      {
        ...{ name: 'rung-1', args: [], after: [], rung: { epochs: 2 } },
        tasks: [{ run: 'few-0' }, { run: 'few-1' }, { run: 'few-2' }],
      },
      { name: 'rung-2', args: [], after: ['rung-1'], rung: { epochs: 3, file }, tasks: [{}, {}] },
    ],
  });
  writeScripts(own, REQUEST, PROGRAM);
  const at = join(folder, 'models');
  plainRun(at, 'few-0', { status: 'interrupted', epochs: 2 });
  plainRun(at, 'few-1', { status: 'diverged', epochs: 0, last: undefined });
  const owner = Owner.acquire(plainRun(at, 'few-2', { status: 'running', epochs: 1 }));
  const tasks = () =>
    planStatus(own).map(({ title, status, epoch, epochs }) => [title, status, epoch, epochs]);
  const first = [
    ['few-0', 'done', 2, 2],
    ['few-1', 'done', 0, 2],
    ['few-2', 'running', 1, 2],
  ];
  expect(tasks()).toEqual([
    ...first,
    ['rung-2, place 0', 'waiting', 0, 3],
    ['rung-2, place 1', 'waiting', 0, 3],
  ]);
  owner.release();
  mkdirSync(join(at, 'few-rungs'));
  writeFileSync(file, '{"runs": ["few-2", "few-0"]}');
  expect(tasks().slice(3)).toEqual([
    ['few-2', 'stopped', 1, 3],
    ['few-0', 'stopped', 2, 3],
  ]);
});

it('status tells tasks that wait, run, were stopped, have failed and are done apart', () => {
  const folder = temporaryFolder();
  const own = plan(folder, {
    stages: [
      {
        ...{ name: 'members', args: [], after: [] },
        tasks: [0, 1, 2, 3, 4, 5].map((index) => ({ run: `six-${index}`, prediction: `pred_${index}` })),
      },
    ],
  });
  writeScripts(own, REQUEST, PROGRAM);
  const at = join(folder, 'models');
  const result = { last: { epoch: 1, loss: 1, accuracy: 0.5 } };
  plainRun(at, 'six-0', result);
  mkdirSync(own.predictionsDir);
  writeFileSync(join(own.predictionsDir, 'pred_0.json'), '{}');
  // Trained, and not predicted yet.
  plainRun(at, 'six-1', result);
  const owner = Owner.acquire(plainRun(at, 'six-2', { status: 'running', epochs: 1 }));
  plainRun(at, 'six-3', { status: 'interrupted', epochs: 1, ...result });
  writeFileSync(
    join(at, 'plans/six/members-4.log'),
    'Backend …\nError: The disk is full.\nsrun: error: n1: exit 1\n',
  );
  const tasks = planStatus(own).map(({ status, epoch, reason }) => [status, epoch, reason]);
  expect(tasks).toEqual([
    ['done', 2, undefined],
    ['stopped', 2, undefined],
    ['running', 1, undefined],
    ['stopped', 2, undefined],
    ['failed', 0, 'The disk is full.'],
    ['waiting', 0, undefined],
  ]);
  owner.release();
});
