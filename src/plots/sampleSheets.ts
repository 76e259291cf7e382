import { CifarError } from '../util/errors.js';
import { permutation, Rng, STREAM } from '../util/rng.js';
import type { ImageSet } from './pixels.js';
import { imageSheet, type SheetCell } from './sheet.js';
import type { Picture } from './types.js';

export interface ClassSheetOptions {
  title: string;
  images: ImageSet;
  /** The class of each image, 0…classNames.length − 1. */
  labels: ArrayLike<number>;
  classNames: readonly string[];
  /** Images drawn of each class; a class with fewer leaves places empty. */
  samplesPerClass: number;
  /** Decides which images. */
  seed: number;
  /** Side of the square that a pixel becomes, whole pixels; 2 by default. */
  zoom?: number;
}

/**
 * A sheet of images by class: a row for each class, with images of it drawn at random.
 * @throws CifarError if images, labels and class names do not fit together
 */
export function classSheet(options: ClassSheetOptions): Picture {
  const { images, labels, classNames, samplesPerClass, seed } = options;
  if (labels.length !== images.count) {
    throw new CifarError(
      `Expected as many labels as images, got ${labels.length} labels of ${images.count} images.`,
    );
  }
  if (!Number.isInteger(samplesPerClass) || samplesPerClass < 1) {
    throw new CifarError(`Expected at least one sample a class, got ${samplesPerClass}.`);
  }
  const cells: SheetCell[][] = classNames.map(() => []);
  for (const index of permutation(images.count, new Rng(seed, STREAM.samples))) {
    const label = labels[index];
    if (!(label in cells)) {
      throw new CifarError(
        `Expected labels from 0 to ${classNames.length - 1}, got ${label} for image ${index}.`,
      );
    }
    if (cells[label].length < samplesPerClass) cells[label].push({ images, index });
  }
  return imageSheet({
    title: options.title,
    rows: classNames.map((label, i) => ({ label, cells: cells[i] })),
    zoom: options.zoom ?? 2,
  });
}

export interface VariantSheetOptions {
  title: string;
  /** What the augmentation does, in phrases. */
  notes?: readonly string[];
  /** The images before augmentation. */
  originals: ImageSet;
  /** The variants: all of the first image, then all of the second, …; as many of each. */
  variants: ImageSet;
  /** Name of each original, e.g. its class. */
  labels: readonly string[];
  zoom?: number;
}

/**
 * A sheet of augmented images: a row for each original, which comes first, with its variants after it.
 * @throws CifarError if the variants cannot be divided among the originals
 */
export function variantSheet(options: VariantSheetOptions): Picture {
  const { originals, variants, labels } = options;
  const perImage = variants.count / originals.count;
  if (
    originals.count === 0 ||
    !Number.isInteger(perImage) ||
    perImage === 0 ||
    labels.length !== originals.count
  ) {
    throw new CifarError(
      'Expected a label and the same number of variants for each original image, ' +
        `got ${originals.count} originals, ${labels.length} labels and ${variants.count} variants.`,
    );
  }
  return imageSheet({
    title: options.title,
    rows: labels.map((label, i) => ({
      label,
      cells: [
        { images: originals, index: i },
        ...Array.from({ length: perImage }, (_, k) => ({ images: variants, index: i * perImage + k })),
      ],
    })),
    ...(options.notes && { notes: options.notes }),
    columnLabels: ['original', ...Array.from({ length: perImage }, (_, k) => String(k + 1))],
    zoom: options.zoom ?? 2,
    firstColumnGap: 10,
  });
}
