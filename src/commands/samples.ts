import { basename } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS } from '../config/options/shared.js';
import { TRAIN_OPTIONS } from '../config/trainOptions.js';
import { AUGMENT_PRESETS, describeAugment, loadAugment } from '../dataset/augment/index.js';
import { createBatchSource, sourceOf } from '../dataset/batches/index.js';
import { imageBytes } from '../dataset/descriptor.js';
import { type ImageSet, select } from '../dataset/imageSet.js';
import { loadTrain } from '../dataset/load.js';
import type { Picture } from '../plots/types.js';
import { Rng, STREAM } from '../util/rng.js';
import { DATASET } from './data.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print } from './output.js';
import { pictureBase } from './pictureBase.js';

interface SamplesOptions {
  count: number;
  seed: number;
  dataDir: string;
}

const OPTIONS: Record<keyof SamplesOptions, OptionSpec> = {
  count: {
    type: 'integer',
    min: 1,
    max: 40,
    default: 10,
    placeholder: 'n',
    description: 'images of each class, or variants of each image',
  },
  seed: TRAIN_OPTIONS.seed,
  dataDir: DATA_OPTIONS.dataDir,
};

export function samplesCommand(): Command {
  const command = new Command('samples')
    .description(
      'draw a sheet of training images by class, or with --augment of augmented variants, an image a class',
    )
    .option('-a, --augment <preset>', `${Object.keys(AUGMENT_PRESETS).join(', ')} or a JSON file`)
    .option('-o, --out <path>', 'where the picture goes, without .svg and .png', 'samples');
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar samples', 'writes samples.svg and samples.png'],
    ['cifar samples --augment strong --out strong', 'variants as training sees them'],
  );
  return command.action(async (flags: Partial<SamplesOptions> & { augment?: string; out: string }) => {
    const { savePicture } = await import('../plots/savePicture.js');
    const options = optionValues<SamplesOptions>(OPTIONS, flags);
    const train = loadTrain(DATASET, { dataDir: options.dataDir });
    const picture =
      flags.augment === undefined
        ? await byClass(train, options)
        : await variants(train, options, flags.augment);
    const { svg, png } = savePicture(pictureBase(flags.out, 'samples'), picture);
    if (flags.augment !== undefined)
      print(`${flags.augment}: ${describeAugment(loadAugment(flags.augment))}`);
    print(`Pictures ${svg} and ${png}`);
  });
}

const [height, width] = DATASET.imageShape;
const SIZE = { height, width };

async function byClass(train: ImageSet, { count, seed }: SamplesOptions): Promise<Picture> {
  const { classSheet } = await import('../plots/sampleSheets.js');
  return classSheet({
    title: `${DATASET.name} training images`,
    images: { pixels: train.images, count: train.count, ...SIZE },
    labels: train.labels,
    classNames: DATASET.classNames,
    samplesPerClass: count,
    seed,
  });
}

/**
 * One image a class, each in the variants that the first epochs of a training with this seed would show; mixup and
 * cutmix mix them with each other.
 */
async function variants(
  train: ImageSet,
  { count, seed }: SamplesOptions,
  augmentName: string,
): Promise<Picture> {
  const { variantSheet } = await import('../plots/sampleSheets.js');
  const augment = loadAugment(augmentName);
  const { classNames } = DATASET;
  const classes = classNames.length;
  const size = imageBytes(DATASET);
  const indices = Uint32Array.from(classNames, (_, label) => randomImageOf(train, label, seed));
  const source = createBatchSource({
    ...sourceOf(train),
    augment,
    seed,
    stream: STREAM.augment,
    batchSize: classes,
    workers: 0,
  });
  const pixels = new Float32Array(classes * count * size);
  for (let epoch = 0; epoch < count; epoch++) {
    for await (const batch of source.batches(epoch, indices)) {
      for (let row = 0; row < classes; row++) {
        const image = batch.images.subarray(row * size, (row + 1) * size);
        pixels.set(image, (row * count + epoch) * size);
      }
      batch.release();
    }
  }
  return variantSheet({
    title: `Augmentation ${basename(augmentName, '.json')}`,
    notes: describeAugment(augment).split(', '),
    originals: { pixels: select(train, indices).images, count: classes, ...SIZE },
    variants: { pixels, count: classes * count, ...SIZE },
    labels: classNames,
  });
}

function randomImageOf(set: ImageSet, label: number, seed: number): number {
  const members: number[] = [];
  set.labels.forEach((other, index) => {
    if (other === label) members.push(index);
  });
  return members[new Rng(seed, STREAM.samples, label).int(members.length)];
}
