import { UsageError } from '../util/errors.js';
import { Rng, STREAM, permutation } from '../util/rng.js';
import { type Dataset, imageBytes } from './descriptor.js';

/** Labelled images of a data set. */
export interface ImageSet {
  readonly dataset: Dataset;
  /** NHWC, count × height × width × channels, 0…255, on a SharedArrayBuffer so that worker threads read it without a copy. */
  readonly images: Uint8Array;
  /** One class index an image. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/** What answers are compared with: the labels of a set, without its images. */
export type LabelSet = Pick<ImageSet, 'dataset' | 'labels' | 'count'>;

/** 0, 1, …, n − 1: a data set's own order. */
export function naturalOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/** Room for `count` images and labels, zeroed, on shared memory. */
export function allocateImageSet(dataset: Dataset, count: number): ImageSet {
  return {
    dataset,
    images: new Uint8Array(new SharedArrayBuffer(count * imageBytes(dataset))),
    labels: new Uint8Array(new SharedArrayBuffer(count)),
    count,
  };
}

/**
 * The first `n` images, without a copy.
 * @param n a positive integer; more than the set holds is an error, not a shorter set
 */
export function limit(set: ImageSet, n: number): ImageSet {
  if (!Number.isInteger(n) || n < 1 || n > set.count) {
    throw new UsageError(`A limit must be a whole number from 1 to ${set.count} images, not ${n}.`);
  }
  return {
    dataset: set.dataset,
    images: set.images.subarray(0, n * imageBytes(set.dataset)),
    labels: set.labels.subarray(0, n),
    count: n,
  };
}

/** Copies the images at `indices`, in that order. */
export function select(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const result = allocateImageSet(set.dataset, indices.length);
  const bytes = imageBytes(set.dataset);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * bytes;
    result.images.set(set.images.subarray(from, from + bytes), i * bytes);
    result.labels[i] = set.labels[indices[i]];
  }
  return result;
}

/**
 * Holds out part of a set for validation. Each class gives the same fraction (rounded), drawn at random; both parts
 * keep the set's order. The same seed always draws the same images.
 * @param fraction of each class that goes to validation, between 0 and 1, both excluded
 * @param seed any integer
 * @throws UsageError when the fraction is out of range or leaves either part empty
 */
export function splitValidation(
  set: ImageSet,
  fraction: number,
  seed: number,
): { train: ImageSet; validation: ImageSet } {
  if (!(fraction > 0 && fraction < 1)) {
    throw new UsageError(`A validation split must lie between 0 and 1 (both excluded), not ${fraction}.`);
  }
  const heldOut = new Uint8Array(set.count);
  for (let label = 0; label < set.dataset.classNames.length; label++) {
    const members: number[] = [];
    for (let i = 0; i < set.count; i++) if (set.labels[i] === label) members.push(i);
    const order = permutation(members.length, new Rng(seed, STREAM.validationSplit, label));
    const wanted = Math.round(members.length * fraction);
    for (let k = 0; k < wanted; k++) heldOut[members[order[k]]] = 1;
  }
  const train: number[] = [];
  const validation: number[] = [];
  for (let i = 0; i < set.count; i++) (heldOut[i] === 1 ? validation : train).push(i);
  if (train.length === 0 || validation.length === 0) {
    throw new UsageError(
      `A validation split of ${fraction} leaves ${train.length} of ${set.count} images for training and ` +
        `${validation.length} for validation; both need at least one.`,
    );
  }
  return { train: select(set, train), validation: select(set, validation) };
}
