import { differingOptions } from '../config/differingOptions.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { percent } from '../util/percent.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { proxyOf } from '../training/hardShare.js';
import type { RunRecord } from '../runs/runRecord.js';
import type { TtaFigures } from '../evaluation/testTimeAugment.js';
import { grouped } from '../util/grouped.js';

export interface ModelCard {
  name: string;
  record: RunRecord;
  weights: 'last' | 'best';
  float16: boolean;
  evaluation: Evaluation;
  tta: TtaFigures | undefined;
  modelBytes: number;
}

/** What a model is, how it was made, what it reaches and what it is not for: a page of Markdown. */
export function modelCard({
  name,
  record,
  weights,
  float16,
  evaluation,
  tta,
  modelBytes,
}: ModelCard): string {
  const { config, hardware, versions } = record;
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

A classifier of 32×32 colour images into the ten classes of CIFAR-10: the network \`${config.model}\`, ${grouped(record.parameters)} parameters${float16 ? ', stored in 16 bits each' : ''} (${(modelBytes / 1e6).toFixed(1)} MB).

| on the ${grouped(evaluation.images)} test images | accuracy |
|---|---|
| one pass | **${percent(evaluation.accuracy)}** |
${tta === undefined ? '' : `| test-time augmentation \`${config.tta}\`, ${tta.forwards} passes | **${percent(tta.accuracy)}** |\n`}
Cross-entropy ${evaluation.loss.toFixed(4)} nats, expected calibration error ${percent(evaluation.calibration.expectedError)}. These are figures of the stored weights,
the ${weights === 'last' ? "last epoch's" : "best epoch's, which was chosen on these same images"}.

## How it was made

\`\`\`sh
npx cifar train ${what} --seed ${config.seed}
\`\`\`

${grouped(record.trainImages)} training images, ${config.epochs} epochs of batches of ${config.batchSize}${hard}, augmentation \`${config.augment}\`, ${config.optimizer}, label smoothing ${config.labelSmoothing}; every option is in
\`config.yaml\`. ${(record.trainingSeconds / 60).toFixed(1)} minutes of training and ${record.petaflop.toPrecision(3)} PFLOP on ${hardware.cores} cores (${hardware.cpu}), backend ${record.backend.name}; cifar ${versions.cifar}, tfjs ${versions.tfjs}, Node ${versions.node}.

## How to use it

\`\`\`sh
npx cifar evaluate ${name}
npx cifar tta ${name}
\`\`\`

In any tfjs program, browsers included: \`tf.loadLayersModel('…/${name}/last/model.json')\`. It takes [n, 32, 32, 3], RGB from 0 to 1, and gives the
probabilities [n, 10] of the classes in \`userDefinedMetadata.classNames\`.

## Class by class

| class | precision | recall | F1 |
|---|---|---|---|
${rows.join('\n')}

## Limits

It knows these ten classes only, names one of them for any picture, and was trained on small centred photographs: it is for study and comparison, not
for decisions. The test images have been looked at by many authors, the constants of this recipe's among them, so that its accuracy on new
pictures of the kind is likely to be somewhat lower. Probabilities are ${config.labelSmoothing > 0 ? 'less sure than the accuracy warrants, since labels were smoothed' : 'not calibrated'}.
`;
}

/** Whether a run came to its end with its recipe's options, but for the seed and what does not bear on the result. */
function isRecipeAsItStands({ config, status }: RunRecord): boolean {
  const { recipe, seed } = config;
  if (recipe === 'none' || status !== 'finished') return false;
  return differingOptions(resolveTrainConfig({ recipe, seed }), config).length === 0;
}
