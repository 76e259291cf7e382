import { differingOptions } from '../config/differingOptions.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { isAugmentPreset } from '../dataset/augment/presets.js';
import { trainedImages } from '../training/position.js';
import { percent } from '../util/percent.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { netTitle } from '../nets/names.js';
import { proxyOf } from '../training/hardShare.js';
import type { Format } from './formats.js';
import type { RunRecord } from '../runs/runRecord.js';
import type { TtaFigures } from '../evaluation/testTimeAugment.js';
import { grouped } from '../util/grouped.js';

export interface ModelCard {
  name: string;
  /** Of the run; `exported` says which of its models this is. */
  record: RunRecord;
  float16: boolean;
  format: Format;
  evaluation: Evaluation;
  tta: TtaFigures | undefined;
  modelBytes: number;
  /** Older versions of tfjs do not know that activation. */
  usesGelu: boolean;
  /** Whether the figures are of all test images. */
  isWholeTestSet: boolean;
}

/** What a model is, how it was made, what it reaches and what it is not for: a page of Markdown. */
export function modelCard({
  name,
  record,
  float16,
  format,
  evaluation,
  tta,
  modelBytes,
  usesGelu,
  isWholeTestSet,
}: ModelCard): string {
  const { config } = record;
  const what = isRecipeAsItStands(record) ? `--recipe ${config.recipe}` : `--config ${name}/config.yaml`;
  const hard =
    config.hardShare < 1
      ? ` (of each the ${percent(config.hardShare, 0)} that \`${proxyOf(config)}\` found hardest)`
      : '';
  const rows = evaluation.classes.map(
    ({ name: label, precision, recall, f1 }) =>
      `| ${label} | ${percent(precision, 1)} | ${percent(recall, 1)} | ${percent(f1, 1)} |`,
  );
  return `# ${name}

A classifier of 32×32 colour images into the ten classes of CIFAR-10: the network \`${netTitle(config.model)}\`, ${grouped(record.parameters)} parameters${float16 ? ', stored in 16 bits each' : ''} (${(modelBytes / 1e6).toFixed(1)} MB).

| on the ${isWholeTestSet ? '' : 'first '}${grouped(evaluation.images)} test images | accuracy |
|---|---|
| one pass | **${percent(evaluation.accuracy)}** |
${tta === undefined ? '' : `| test-time augmentation \`${config.tta}\`, ${tta.forwards} passes | **${percent(tta.accuracy)}** |\n`}
${calibrationOf(evaluation)} These are figures of the stored weights,
${whichWeights(record)}.

## How it was made

${origin(record, what, hard)}

## How to use it

${usage(format, name, usesGelu)}

## Class by class

| class | precision | recall | F1 |
|---|---|---|---|
${rows.join('\n')}

## Limits

It knows these ten classes only, names one of them for any picture, and was trained on small centred photographs: it is for study and comparison, not
for decisions. The test images have been looked at by many authors${config.recipe === 'none' ? '' : ", the constants of this recipe's among them"}, so that its accuracy on new
pictures of the kind is likely to be somewhat lower. Probabilities are ${worthOf(evaluation, config)}.
`;
}

/** How the weights came to be. */
function origin(record: RunRecord, what: string, hard: string): string {
  const { config, hardware, versions, imported } = record;
  if (imported !== undefined) {
    return `It was trained elsewhere, and imported from the file ${imported.file} (SHA-256 ${imported.sha256}); it was made for numbers in ${imported.range},
into which a layer brings those from 0 to 1.`;
  }
  return `\`\`\`sh
npx cifar train ${what} --seed ${config.seed}
\`\`\`

${grouped(record.trainImages)} training images, ${lengthOf(record)} of batches of ${config.batchSize}${hard}, augmentation \`${augmentName(config)}\`, ${config.optimizer}${rateOf(config)}, label smoothing ${config.labelSmoothing}; every option is in
\`config.yaml\`. ${(record.trainingSeconds / 60).toFixed(1)} minutes of training and ${record.petaflop.toPrecision(3)} PFLOP on ${hardware.cores} cores (${hardware.cpu}), backend ${record.backend.name}; cifar ${versions.cifar}, tfjs ${versions.tfjs}, Node ${versions.node}.`;
}

/** How the files are opened. */
function usage(format: Format, name: string, usesGelu: boolean): string {
  const takes =
    'It takes [n, 32, 32, 3], RGB from 0 to 1, and gives the\nprobabilities [n, 10] of the classes';
  switch (format) {
    case 'tfjs':
      return `\`\`\`sh
npx cifar evaluate ${name}
npx cifar tta ${name}
\`\`\`

In a program with tfjs ${usesGelu ? '4.19' : '3.21'} or newer, browsers included: \`tf.loadLayersModel('…/${name}/last/model.json')\`. ${takes} in \`userDefinedMetadata.classNames\`.`;
    case 'onnx':
      return `\`\`\`python
import onnxruntime
session = onnxruntime.InferenceSession("${name}/model.onnx")  # 1.11 or newer
probabilities, = session.run(None, {"images": images})
\`\`\`

${takes} in the metadata's \`classNames\`.`;
    case 'keras':
    case 'keras-h5': {
      const file = format === 'keras' ? 'model.keras' : 'model.h5';
      const versions = format === 'keras' ? 'Keras 3' : 'or tf_keras: Keras 2 (TensorFlow 2.6 or newer) or 3';
      return `\`\`\`python
import keras  # ${versions}
probabilities = keras.models.load_model("${name}/${file}").predict(images)
\`\`\`

${takes}, in their order in the data set.`;
    }
    case 'safetensors':
      return `\`\`\`python
from model import load  # needs torch and safetensors
probabilities = load("model.safetensors")(images)
\`\`\`

${takes} in the file's metadata, \`classNames\`.`;
  }
}

/** How sure the single look is, and what that is worth. */
function calibrationOf({ calibration, calibrated }: Evaluation): string {
  const { temperature, from } = calibrated;
  if (from === 'nothing') {
    return `Cross-entropy ${calibration.loss.toFixed(4)} nats, expected calibration error ${percent(calibration.expectedError)}.`;
  }
  const source =
    from === 'recipe'
      ? 'images held out of trainings by the same recipe'
      : 'images held out of this training';
  return (
    `The stored weights give calibrated probabilities: logits are divided by ${temperature.toFixed(3)}, fitted on ${source}. Cross-entropy ` +
    `${calibrated.loss.toFixed(4)} nats, expected calibration error ${percent(calibrated.expectedError)}; without it ${calibration.loss.toFixed(4)} nats and ${percent(calibration.expectedError)}.`
  );
}

/** What the probabilities are worth, in the words of a warning. */
function worthOf({ calibrated }: Evaluation, { labelSmoothing }: TrainConfig): string {
  if (calibrated.from !== 'nothing')
    return 'calibrated for pictures like those of the data set, and for no others';
  return labelSmoothing > 0
    ? 'less sure than the accuracy warrants, since labels were smoothed'
    : 'not calibrated';
}

/** The epoch that the weights are of, and what it was chosen by. */
function whichWeights({ exported, last, best, validatedOn, config, status, imported }: RunRecord): string {
  if (imported !== undefined) return 'as they were imported';
  const epoch = (result: RunRecord['last']): string => (result === undefined ? '' : ` (${result.epoch + 1})`);
  if (exported !== 'best') return `the last epoch's${epoch(last)}`;
  const images = validatedOn === 'test set' ? 'these same test images' : 'held-out training images';
  const candidates = [
    ...(config.validateEvery > 1 ? [`one in ${config.validateEvery} was looked at`] : []),
    ...(status === 'out-of-time' ? ['the last, in part, was not'] : []),
  ].join('; ');
  return `the best epoch's${epoch(best)}, which was chosen on ${images}${candidates === '' ? '' : ` (${candidates})`}`;
}

/** Epochs that were trained, and of how many, where it ended sooner. */
function lengthOf({ config, imagesTrained, trainImages, status }: RunRecord): string {
  const steps = Math.floor(trainImages / config.batchSize);
  const trained = imagesTrained / (trainedImages(config) * steps);
  const shown = Number(trained.toFixed(2));
  const epochs = `${shown} ${shown === 1 ? 'epoch' : 'epochs'}`;
  if (Math.abs(trained - config.epochs) < 0.01) return epochs;
  const why =
    status === 'out-of-time' ? ', its time used up' : status === 'stopped-early' ? ', stopped early' : '';
  return `${epochs} of ${config.epochs}${why},`;
}

function augmentName({ augment }: TrainConfig): string {
  return isAugmentPreset(augment) ? augment : 'augment.json';
}

function rateOf({ optimizer, learningRate, muonRate, schedule }: TrainConfig): string {
  const rate = optimizer === 'muon' ? muonRate : learningRate;
  return ` at a ${schedule} rate${schedule === 'constant' ? ' of' : ', at most'} ${rate}`;
}

/** Whether a run came to its end with its recipe's options, but for the seed and what does not bear on the result. */
function isRecipeAsItStands({ config, status }: RunRecord): boolean {
  const { recipe, seed } = config;
  if (recipe === 'none' || status !== 'finished') return false;
  return differingOptions(resolveTrainConfig({ recipe, seed }), config).length === 0;
}
