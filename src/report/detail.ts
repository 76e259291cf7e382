import { differingOptions } from '../config/differingOptions.js';
import { flagOf } from '../config/optionSpec.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { diagnosis } from '../runs/diagnosis.js';
import { NOTABLE_CORES, type RunRecord } from '../runs/runRecord.js';
import { expectedTemperatures } from '../runs/temperatures.js';
import { formatDuration } from '../util/duration.js';
import { grouped } from '../util/grouped.js';
import type { OpenedRun } from './readRun.js';
import type { RunDetail } from './types.js';

/** Everything that is to be said of a run but for its answers. */
export function detailOf({ folder, record, history, run }: OpenedRun, classes: number): RunDetail {
  const { config } = record;
  const sentence = record.status === 'running' ? undefined : diagnosis(record, history, classes);
  const own = new Set(ownOptions(config));
  const keys = Object.keys(config) as (keyof TrainConfig)[];
  return {
    run,
    history,
    ...(sentence !== undefined && { diagnosis: sentence }),
    options: keys.map((key) => ({
      name: flagOf(key).slice(2),
      value: textOf(config[key]),
      isOwn: own.has(key),
    })),
    command: `npx cifar train --config ${folder.config}`,
    facts: factsOf(record),
    views: config.tta === 'none' ? 'flip' : config.tta,
    temperatures: record.temperatures ?? expectedTemperatures(config),
  };
}

/** Where a configuration departs from its recipe, or from the defaults. */
function ownOptions(config: TrainConfig): (keyof TrainConfig)[] {
  return differingOptions(resolveTrainConfig({ recipe: config.recipe }), config);
}

/** Numbers as they are meant, without the digits that their binary form adds. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return String(typeof value === 'number' ? Number(value.toPrecision(6)) : value);
}

/** Time, arithmetic and machine. */
function factsOf(record: RunRecord): { name: string; value: string }[] {
  const { hardware, backend, starts, versions } = record;
  const { precision, threads } = starts.at(-1) ?? {};
  const facts: [string, string | undefined][] = [
    ['Training time', formatDuration(record.trainingSeconds)],
    ['Arithmetic', `${record.petaflop.toPrecision(3)} PFLOP (10¹⁵ operations)`],
    ['Images trained on', grouped(record.trainImages)],
    [
      'Judged on',
      `${grouped(record.validationImages)} ${record.validatedOn === 'test set' ? 'test images' : record.validatedOn}`,
    ],
    ['Parameters', grouped(record.parameters)],
    ['Processor', `${hardware.cpu}, ${hardware.cores} cores, ${hardware.memoryGiB} GiB`],
    [
      'Engine',
      [backend.name, precision, threads ? `${threads} threads` : undefined].filter(Boolean).join(', '),
    ],
    [
      'Other programs',
      record.othersCores === undefined || record.othersCores < NOTABLE_CORES
        ? undefined
        : `kept ${record.othersCores.toFixed(1)} cores busy meanwhile`,
    ],
    ['Versions', `cifar ${versions.cifar}, tfjs ${versions.tfjs}, Node.js ${versions.node}`],
    ['Starts', starts.length > 1 ? `${starts.length}, the last on ${starts.at(-1)?.at}` : undefined],
    [
      'Forked from',
      record.forkedFrom && `${record.forkedFrom.run} after its epoch ${record.forkedFrom.epoch}`,
    ],
    ['Imported from', record.imported?.file],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
