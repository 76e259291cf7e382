import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { formatConfig } from '../config/configFile.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { type ModelMetadata, loadModel, saveModel } from '../io/modelFiles.js';
import { isModule, netTitle } from '../nets/names.js';
import { scaleLogits } from '../nets/scaleLogits.js';
import { UsageError } from '../util/errors.js';
import { sha256 } from '../util/sha256.js';
import { partName, writeError, writeFileAtomic } from '../util/files.js';
import { type EngineConfig, openEngine } from '../runs/openEngine.js';
import { type Evaluation, evaluate } from '../evaluation/evaluate.js';
import { modelCard } from './modelCard.js';
import { type RunFolder, runFolder } from '../runs/runFolder.js';
import { type RunRecord, readRunRecord, travellingConfig, writeRunRecord } from '../runs/runRecord.js';
import type { Format } from './formats.js';
import { writeFormat } from './writeFormat.js';
import { foldedTemperature, modelTemperatures } from '../runs/temperatures.js';
import { type TtaFigures, testTimeAugment } from '../evaluation/testTimeAugment.js';

export interface ExportOptions {
  weights: 'last' | 'best';
  /** Stores each weight in 16 bits. */
  float16: boolean;
  /** Default: tfjs. */
  format?: Format;
  engine: EngineConfig;
  signal?: AbortSignal;
}

export interface Exported {
  folder: RunFolder;
  /** Of the weights as they were stored. */
  evaluation: Evaluation;
  tta: TtaFigures | undefined;
  modelBytes: number;
}

/**
 * Makes a folder to give away: the model, what is needed to judge and to repeat its run, and a model card with its
 * accuracy, measured anew on the stored weights. Those give calibrated probabilities: the temperature of a single look is in them.
 * In tfjs's format it is a run's folder itself, without checkpoint and history. It bears its name only when it is complete.
 * @throws UsageError when something is there already, CifarError when the run has no such model
 */
export async function exportModel(
  run: RunFolder,
  target: string,
  test: ImageSet,
  options: ExportOptions,
): Promise<Exported> {
  checkTarget(target);
  const part = partName(resolve(target));
  try {
    const exported = await writeExport(run, runFolder(part), basename(resolve(target)), test, options);
    // Takes the place of an empty folder, too.
    renameSync(part, target);
    return { ...exported, folder: runFolder(target) };
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw codeIsOfFiles(error) ? writeError(target, error) : error;
  }
}

const codeIsOfFiles = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

function checkTarget(target: string): void {
  const status = statSync(target, { throwIfNoEntry: false });
  if (status === undefined || (status.isDirectory() && readdirSync(target).length === 0)) return;
  throw new UsageError(`${target} is there already: remove it, or give another folder.`);
}

async function writeExport(
  run: RunFolder,
  folder: RunFolder,
  name: string,
  test: ImageSet,
  { weights, float16, format = 'tfjs', engine, signal }: ExportOptions,
): Promise<Omit<Exported, 'folder'>> {
  const own = readRunRecord(run);
  // The folders of whoever trained it are nobody else's.
  const [dataDir, modelsDir] = [TRAIN_OPTIONS.dataDir, TRAIN_OPTIONS.modelsDir].map((o) => String(o.default));
  await openEngine(engine);
  const { model, metadata } = await loadModel(run[weights]);
  const temperatures = modelTemperatures(metadata, own.config);
  const calibrated = { temperatures, foldedTemperature: temperatures.single };
  const record = {
    ...own,
    config: { ...own.config, dataDir, modelsDir, model: netTitle(own.config.model) },
    exported: weights === 'last' ? (own.exported ?? weights) : weights,
    ...calibrated,
  };
  try {
    // What is exported again is not scaled twice.
    scaleLogits(model, foldedTemperature(metadata) / temperatures.single);
    await saveModel(model, folder.last, { ...metadata, ...calibrated }, { float16 });
    if (format !== 'tfjs')
      await writeFormat(format, model, folder.path, textsOf({ ...metadata, ...calibrated }));
  } finally {
    model.dispose();
  }
  const modelBytes = bytesOf(format === 'tfjs' ? folder.last : folder.path);
  const evaluation = await evaluate(folder.last, test, record.config, signal);
  const tta = await withViews(folder.last, test, record.config, signal);
  const card = {
    ...{ name, record, float16, format, evaluation, tta, modelBytes },
    usesGelu: /"activation":"gelu/.test(readFileSync(join(folder.last, 'model.json'), 'utf8')),
    isWholeTestSet: test.count === test.dataset.testImages,
  };
  writeConfig(run, own, record, folder);
  if (format === 'tfjs') writeRunRecord(folder, record);
  // Of another format it was what the figures are of.
  else rmSync(folder.last, { recursive: true });
  writeFileAtomic(join(folder.path, 'README.md'), modelCard(card));
  return { evaluation, tta, modelBytes };
}

/** The options of the run, with the files that they name. */
function writeConfig(run: RunFolder, own: RunRecord, record: RunRecord, folder: RunFolder): void {
  if (existsSync(run.augment)) copyFileSync(run.augment, folder.augment);
  const { model: network } = own.config;
  // One that has changed since is not what was trained.
  if (isModule(network) && existsSync(network) && sha256(readFileSync(network)) === own.networkSha256) {
    copyFileSync(network, join(folder.path, basename(network)));
  }
  writeFileAtomic(folder.config, formatConfig(travellingConfig(folder, record.config)));
}

/** A model's metadata as texts. */
function textsOf({ classNames, run, temperatures }: ModelMetadata): Record<string, string> {
  return {
    classNames: JSON.stringify(classNames ?? []),
    input: 'images: N×32×32×3, RGB, 0 to 1',
    output: 'probabilities of the classes, in their order',
    temperatures: JSON.stringify(temperatures),
    run: typeof run === 'string' ? run : '',
  };
}

function bytesOf(folder: string): number {
  const files = readdirSync(folder).map((name) => statSync(join(folder, name)));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

async function withViews(
  modelFolder: string,
  test: ImageSet,
  config: TrainConfig,
  signal: AbortSignal | undefined,
): Promise<TtaFigures | undefined> {
  const { tta: preset } = config;
  if (preset === 'none') return undefined;
  const { plainAccuracy, accuracy, forwards } = await testTimeAugment(
    modelFolder,
    test,
    { preset, share: 1 },
    { batchSize: test.count, workers: 0, config, ...(signal !== undefined && { signal }) },
  );
  return { plainAccuracy, accuracy, forwards };
}
