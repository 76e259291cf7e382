import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { CifarError, codeOf, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { areFinite } from '../util/finite.js';
import { sha256 } from '../util/sha256.js';
import { toFloat16Weights } from './float16Weights.js';
import { parseModelJson, weightBytes } from './modelJson.js';

/** Anything JSON can hold, kept with a model: class names, normalisation, the run it comes from. */
export type ModelMetadata = Record<string, unknown>;

/** Our own weights files: `weights-` and the first eight digits of the content's SHA-256. */
const WEIGHTS_FILE = /^weights-([0-9a-f]{8})\.bin$/;
/** The same, with what a kill in the middle of writing one leaves behind. */
const ANY_WEIGHTS_FILE = /^weights-[0-9a-f]{8}\.bin(\.([0-9a-f]{8}\.)?part)?$/;

/** Bytes of any model's weight data in one piece. */
function joinWeights(data: io.WeightData | undefined): Buffer {
  const parts = data === undefined ? [] : Array.isArray(data) ? data : [data];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function contentHash(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 8);
}

/**
 * Saves a model in tfjs's LayersModel format: `model.json` and one weights file beside it, which stock
 * `tf.loadLayersModel` opens. `model.json` names its weights file by content and is replaced in one step, after the
 * weights are on disk and before those of the previous model go; so whenever the program is killed, `model.json` and
 * its weights belong together.
 * @param folder created when missing
 * @param metadata becomes `userDefinedMetadata`
 * @param options.float16 stores each float32 weight in 16 bits; tfjs widens them when it loads the model
 * @throws CifarError when a file cannot be written, or a weight does not fit 16 bits
 */
export async function saveModel(
  model: LayersModel,
  folder: string,
  metadata: ModelMetadata = {},
  options: { float16?: boolean } = {},
): Promise<void> {
  const handler = io.withSaveHandler((artifacts) => {
    writeArtifacts(artifacts, folder, metadata, options.float16 ?? false);
    const modelArtifactsInfo = { dateSaved: new Date(), modelTopologyType: 'JSON' as const };
    return Promise.resolve({ modelArtifactsInfo });
  });
  await model.save(handler);
}

function writeArtifacts(
  artifacts: io.ModelArtifacts,
  folder: string,
  metadata: ModelMetadata,
  float16: boolean,
): void {
  let specs = artifacts.weightSpecs ?? [];
  let weights = joinWeights(artifacts.weightData);
  if (float16) ({ specs, weights } = toFloat16Weights(specs, weights));
  const weightsName = `weights-${contentHash(weights)}.bin`;
  const json = {
    format: artifacts.format,
    generatedBy: artifacts.generatedBy,
    convertedBy: artifacts.convertedBy ?? null,
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: [weightsName], weights: specs }],
    userDefinedMetadata: metadata,
  };
  writeFileAtomic(join(folder, weightsName), weights);
  writeFileAtomic(join(folder, 'model.json'), JSON.stringify(json));
  for (const name of readdirSync(folder)) {
    if (ANY_WEIGHTS_FILE.test(name) && name !== weightsName) rmSync(join(folder, name), { force: true });
  }
}

/**
 * Loads a model from a folder in tfjs's LayersModel format, onto the current backend.
 * @throws CifarError naming the file, when one is missing, damaged, or does not hold what `model.json` says
 */
export async function loadModel(folder: string): Promise<{ model: LayersModel; metadata: ModelMetadata }> {
  const jsonPath = join(folder, 'model.json');
  const json = parseModelJson(jsonPath, readModelFile(jsonPath).toString('utf8'));
  const specs = json.weightsManifest.flatMap((group) => group.weights);
  const files = json.weightsManifest.flatMap((group) =>
    group.paths.map((name) => readWeights(join(folder, name))),
  );
  const weights = Buffer.concat(files);
  const expected = specs.reduce((sum, spec) => sum + weightBytes(spec), 0);
  if (weights.length !== expected) {
    throw new CifarError(
      `${folder} is damaged: model.json describes ${expected} bytes of weights, its weights files hold ${weights.length}.`,
    );
  }
  const weightData = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length);
  let model: LayersModel;
  try {
    model = await loadLayersModel(
      io.fromMemory({ modelTopology: json.modelTopology, weightSpecs: specs, weightData }),
    );
  } catch (error) {
    throw new CifarError(`${jsonPath} does not describe a usable model: ${messageOf(error)}`, {
      cause: error,
    });
  }
  await checkWeights(model, folder);
  return { model, metadata: json.userDefinedMetadata };
}

/** @throws CifarError naming the first weight with a value that is not a number; the model is disposed then */
async function checkWeights(model: LayersModel, folder: string): Promise<void> {
  for (const weight of model.weights) {
    if (areFinite(await weight.read().data())) continue;
    model.dispose();
    throw new CifarError(
      `${folder}: the model's weights ${weight.originalName} are not numbers: its training diverged. Train it anew with a lower --learning-rate.`,
    );
  }
}

/** Reads a weights file; the name of one of ours says what its content must hash to. */
function readWeights(path: string): Buffer {
  const bytes = readModelFile(path);
  const hash = WEIGHTS_FILE.exec(basename(path))?.[1];
  if (hash !== undefined && hash !== contentHash(bytes)) {
    throw new CifarError(
      `${path} is damaged: its content (${bytes.length} bytes) does not match the sum in its name.`,
    );
  }
  return bytes;
}

function readModelFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
    throw new CifarError(
      missing ? `There is no model there: ${path} is missing.` : `Cannot read ${path}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
