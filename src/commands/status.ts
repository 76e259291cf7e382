import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { TRAIN_OPTIONS } from '../config/trainOptions.js';
import { percent } from '../util/percent.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print, printJson } from './output.js';
import { printProgressTable } from './progressTable.js';

const OPTIONS: Record<'modelsDir', OptionSpec> = { modelsDir: TRAIN_OPTIONS.modelsDir };

export function statusCommand(): Command {
  const command = new Command('status')
    .description(
      'how far the trainings are that were handed to a scheduler by `cifar submit`, from their own files',
    )
    .argument('[plan]', 'its name; without one the only plan there is')
    .option('--json', 'print the result as JSON');
  addOptions(command, OPTIONS);
  withExamples(command, ['cifar status', 'the only plan'], ['cifar status ensemble', 'one of several']);
  return command.action(async (name: string | undefined, flags: { modelsDir?: string; json?: true }) => {
    const { readPlan } = await import('../experiments/submission/plan.js');
    const { planStatus } = await import('../experiments/submission/status.js');
    const { modelsDir } = optionValues<{ modelsDir: string }>(OPTIONS, flags);
    const plan = readPlan(modelsDir, name);
    const tasks = planStatus(plan);
    if (flags.json === true) {
      printJson({ name: plan.name, kind: plan.kind, jobs: plan.jobs, tasks });
      return;
    }
    printProgressTable('run', tasks);
    const failed = tasks.filter(({ reason }) => reason !== undefined);
    for (const { title, reason } of failed) print(`${title}: ${reason}`);
    const done = tasks.filter(({ status }) => status === 'done');
    const accuracies = done.flatMap(({ accuracy }) => accuracy ?? []);
    const best = accuracies.length > 0 ? `, the best at ${percent(Math.max(...accuracies))}` : '';
    print(`${done.length} of ${tasks.length} done${best}`);
    for (const [stage, job] of Object.entries(plan.jobs)) print(`Slurm’s job ${job}: ${stage}`);
  });
}
