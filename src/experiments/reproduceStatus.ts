import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ReproducedRow, type RowId, SHARED_PREFIX } from '../config/article.js';
import { readHistory } from '../runs/history.js';
import { keptEpochs, runFolder } from '../runs/runFolder.js';
import { type RunStatus, readRunRecord } from '../runs/runRecord.js';
import { mean } from '../util/statistics.js';
import { type ReproducePlan, rowConfig, runName, sharedEpochs, trainedRow } from './reproducePlan.js';
import { readRows } from './reproducedTable.js';

/** How far a row has come. */
export interface RowStatus {
  id: RowId;
  title: string;
  /** `done`: measured; otherwise its run's own, or `to come`. */
  status: 'done' | 'to come' | RunStatus;
  /** Finished epochs of its run, and how many there are to be; of the ensemble, of all its members'. */
  epoch: number;
  epochs: number;
  /** The result, or that of the last measured epoch so far; 0 to 1. */
  accuracy?: number;
  /** Training time that is left, in seconds; null where nothing of its kind has been trained here yet. */
  secondsLeft: number | null;
}

/** The state of all rows of a table, from the files of their runs; nothing is trained, and nothing loaded that could. */
export function reproduceStatus(plan: ReproducePlan): RowStatus[] {
  const rows = readRows(join(plan.predictionsDir, `${plan.name}.json`), plan);
  const speed = secondsPerEpoch(plan);
  return rows.map((row) =>
    row.id === 'ensemble' ? ensembleStatus(row, plan, speed) : rowStatus(row, plan, speed),
  );
}

type Speed = (model: string) => number | null;

function rowStatus({ id, title, measured }: ReproducedRow, plan: ReproducePlan, speed: Speed): RowStatus {
  const trained = trainedRow(id);
  const config = rowConfig(trained, plan);
  const epochs = Math.ceil(config.epochs);
  if (measured !== undefined) {
    return { id, title, status: 'done', epoch: epochs, epochs, accuracy: measured.accuracy, secondsLeft: 0 };
  }
  const run = runOf(plan, trained);
  const epoch = run === undefined ? 0 : readHistory(run.folder).length;
  const accuracy = run?.record.last?.accuracy;
  // Passes of tests are not counted: they take minutes where training takes hours.
  const own =
    trained === id ? epochs - Math.max(epoch, run === undefined ? sharedWith(trained, plan) : 0) : 0;
  const seconds = speed(config.model);
  return {
    ...{ id, title, status: run?.record.status ?? 'to come', epoch, epochs },
    ...(accuracy !== undefined && { accuracy }),
    secondsLeft: own === 0 ? 0 : seconds === null ? null : own * seconds,
  };
}

/** Epochs that another row trains for this one. */
function sharedWith(id: RowId, plan: ReproducePlan): number {
  if (id !== SHARED_PREFIX.row) return 0;
  const shared = sharedEpochs(plan) ?? 0;
  const parent = runOf(plan, SHARED_PREFIX.parent);
  const isPast = parent !== undefined && readHistory(parent.folder).length > shared;
  return isPast && !keptEpochs(parent.folder).includes(shared) ? 0 : shared;
}

function ensembleStatus(
  { id, title, measured }: ReproducedRow,
  plan: ReproducePlan,
  speed: Speed,
): RowStatus {
  const { epochs: each, modelsDir, model } = rowConfig('deep-step', plan);
  const epochs = plan.members * Math.ceil(each);
  if (measured !== undefined) {
    return { id, title, status: 'done', epoch: epochs, epochs, accuracy: measured.accuracy, secondsLeft: 0 };
  }
  const trained = Array.from({ length: plan.members }, (_, index) =>
    readHistory(runFolder(join(modelsDir, `${plan.name}-member-${index}`))),
  );
  const epoch = trained.reduce((sum, history) => sum + history.length, 0);
  const seconds = speed(model);
  const secondsLeft = seconds === null ? null : (epochs - epoch) * seconds;
  return { id, title, status: epoch === 0 ? 'to come' : 'running', epoch, epochs, secondsLeft };
}

/** Seconds that an epoch of a network has taken in this table's runs. */
function secondsPerEpoch(plan: ReproducePlan): Speed {
  const ids: readonly RowId[] = ['bench-none', 'bench-normal', 'deep-normal', 'deep-step'];
  const seen = ids.flatMap((id) => {
    const run = runOf(plan, id);
    const seconds = run === undefined ? [] : readHistory(run.folder).map((epoch) => epoch.seconds);
    return run === undefined || seconds.length === 0
      ? []
      : [{ model: run.record.config.model, seconds: mean(seconds) }];
  });
  return (model) => {
    const own = seen.filter((each) => each.model === model).map((each) => each.seconds);
    return own.length === 0 ? null : mean(own);
  };
}

function runOf(plan: ReproducePlan, id: RowId) {
  const folder = runFolder(join(rowConfig(id, plan).modelsDir, runName(plan, id)));
  return existsSync(folder.record) ? { folder, record: readRunRecord(folder) } : undefined;
}
