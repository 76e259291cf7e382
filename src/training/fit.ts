import { formatConfig } from '../config/configFile.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { Dataset } from '../dataset/descriptor.js';
import { type Profile, type ProfileReport, startProfile } from '../engine/profile.js';
import type { BuildOwnNet } from '../nets/index.js';
import type { Owner } from '../runs/owner.js';
import type { RunFolder } from '../runs/runFolder.js';
import { type RunRecord, travellingConfig } from '../runs/runRecord.js';
import { UsageError } from '../util/errors.js';
import { ensureFolder, writeFileAtomic } from '../util/files.js';
import { CALLBACKS, CallbackList } from './callbacks/index.js';
import { checkResumable } from './resumable.js';
import { Trainer } from './trainer.js';
import { closeTraining, openTraining } from './training.js';
import type { TrainReporter } from './reporter.js';

export interface TrainOptions {
  /** What is trained on. */
  dataset: Dataset;
  /** Builds the network, of a configuration whose model is `function:<name>`. */
  network?: BuildOwnNet;
  reporter: TrainReporter;
  /** Aborted: the run is saved where it stands and InterruptedError thrown. */
  signal?: AbortSignal;
  /** Times every kernel; needs a backend that can. */
  profile?: boolean;
  /** Leaves out the views of --tta after the last epoch, for a caller that makes a prediction array of them. */
  skipViews?: boolean;
  /** Ends, with the run as if interrupted, when so many epochs are finished. */
  untilEpoch?: number;
  /** Goes on with a run whose owner is on another machine, without waiting until it counts as gone. */
  takeOver?: boolean;
}

export interface TrainOutcome {
  folder: RunFolder;
  record: RunRecord;
  /** What the backend did, when it was asked for. */
  profile?: ProfileReport;
}

/**
 * Opens a run that its owner may train, and trains it to its end.
 * @param earlier the record of an earlier start
 * @param writeExtras writes what belongs to a new run beside its configuration
 */
export async function fit(
  folder: RunFolder,
  config: TrainConfig,
  owner: Owner,
  earlier: RunRecord | undefined,
  { dataset, network, reporter, skipViews = false, signal, profile, untilEpoch }: TrainOptions,
  writeExtras: () => void = () => undefined,
): Promise<TrainOutcome> {
  const training = await openTraining(folder, config, {
    ...{ dataset, reporter, skipViews, owner },
    ...(network && { network }),
    ...(earlier && { earlier }),
  });
  try {
    const profiling = profile === true ? profileOf(training.record.backend.name) : undefined;
    if (earlier !== undefined) {
      checkResumable(training, earlier);
      const change = machineChange(training.record);
      if (change !== undefined) reporter.note(change);
    }
    ensureFolder(folder.path);
    writeExtras();
    writeFileAtomic(folder.config, formatConfig(travellingConfig(folder, config)));
    const callbacks = new CallbackList(
      CALLBACKS.map((create) => create(training)),
      (line) => reporter.note(line),
    );
    await new Trainer(training, callbacks, { signal, untilEpoch }).fit();
    return { folder, record: training.record, ...(profiling && { profile: await profiling.report() }) };
  } finally {
    closeTraining(training);
  }
}

/** What a run computes with now, where that is not what it computed with before: its bits will not be those of one machine. */
function machineChange({ starts }: RunRecord): string | undefined {
  const [before, now] = starts.slice(-2);
  if (now === undefined) return undefined;
  const keys = ['backend', 'precision', 'threads'] as const;
  const changes = keys.filter((key) => before[key] !== now[key]);
  if (changes.length === 0) return undefined;
  const list = changes.map((key) => `${key} ${String(before[key])} → ${String(now[key])}`).join(', ');
  return `Note: it goes on otherwise than before (${list}), so that it may not end with the bits of a run that had not. run.json tells of both.`;
}

function profileOf(backend: string): Profile {
  const profile = startProfile();
  if (profile !== undefined) return profile;
  throw new UsageError(
    `--profile needs the onednn or the webgpu backend, and ${backend} is in use: leave it out.`,
  );
}
