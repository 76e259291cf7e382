import { CifarError, UsageError } from '../../util/errors.js';
import { STREAM } from '../../util/rng.js';
import { startWorker } from '../../util/worker.js';
import type { ImageShape } from '../descriptor.js';
import type { ImageSet } from '../imageSet.js';
import { drawMixing, mixesImages } from '../mixing/index.js';
import { BatchQueue, type Batch } from './batchQueue.js';
import type { BatchWorkerData } from './batchWorker.js';
import type { PrepareSettings } from './prepare.js';
import { inThread, type Preparer } from './preparer.js';
import { createSlots, type Slot } from './slots.js';
import { workerPool } from './workerPool.js';

export interface BatchSourceOptions extends PrepareSettings {
  /** The whole set, uint8, NHWC; on a SharedArrayBuffer when there are workers. */
  readonly images: Uint8Array;
  /** Class of each image. */
  readonly labels: Uint8Array;
  /** Images a batch, at least 1. */
  readonly batchSize: number;
  /** Threads that prepare batches ahead; 0 prepares each in the caller's thread when it is asked for. */
  readonly workers: number;
  /** Leaves out a last batch that is not full; by default it is given as it is. */
  readonly dropLast?: boolean;
  /** Batches that fit in memory at once, at least 1; by default two more than twice the workers. */
  readonly ringSize?: number;
  /** Ends the source: whoever waits for a batch gets the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Batches of one data set, augmented and ready for a network. */
export interface BatchSource {
  /**
   * The batches of an epoch. Preparation begins with the call, behind the batches of earlier calls: the next epoch can
   * be asked for while the last is being validated. Asking an epoch for a batch ends all that were asked for before it.
   * Leaving the loop early ends the epoch and releases its batches.
   * @param epoch from 0; names the random draws
   * @param order indices of the images, in the order wanted; copied
   * @param firstBatch batches to leave out at the beginning
   * @throws RangeError on an index outside the set, or a first batch beyond the last
   */
  batches(epoch: number, order: Uint32Array, firstBatch?: number): AsyncIterable<Batch>;
  /** Ends the threads, and whoever waits for a batch gets an error. */
  close(): Promise<void>;
}

/** What a source of batches needs to know of a set of images. */
export function sourceOf({
  images,
  labels,
  dataset,
}: ImageSet): Pick<BatchSourceOptions, 'images' | 'labels' | 'imageShape' | 'statistics'> {
  return { images, labels, imageShape: dataset.imageShape, statistics: dataset.statistics };
}

/** Number of batches of so many images. */
export function batchCount(images: number, batchSize: number, dropLast = false): number {
  return dropLast ? Math.floor(images / batchSize) : Math.ceil(images / batchSize);
}

function check(options: BatchSourceOptions): void {
  const { images, labels, imageShape, batchSize, workers, ringSize = 1, smallSizes = [] } = options;
  const atLeast = (low: number, name: string, value: number): void => {
    if (!Number.isInteger(value) || value < low)
      throw new RangeError(`${name} must be an integer from ${low}, but is ${value}.`);
  };
  atLeast(1, 'batchSize', batchSize);
  atLeast(0, 'workers', workers);
  atLeast(1, 'ringSize', ringSize);
  const smallest = Math.min(imageShape[0], imageShape[1]);
  for (const side of smallSizes.filter((each) => each !== undefined)) {
    atLeast(1, 'smallSizes', side);
    if (side > smallest)
      throw new RangeError(`smallSizes must be at most ${smallest} pixels, but one is ${side}.`);
  }
  const expected = labels.length * imageShape[0] * imageShape[1] * imageShape[2];
  if (images.length !== expected)
    throw new RangeError(
      `${labels.length} labels need ${expected} bytes of images of ${imageShape.join('×')}, but there are ${images.length}.`,
    );
  if (mixesImages(options.augment) && options.stream !== STREAM.augment)
    throw new UsageError(
      'An augmentation with mixup or cutmix is for training only: an answer to two images at once says nothing of either. ' +
        'Leave these settings out of the augmentation at test time.',
    );
  if (workers > 0 && !(images.buffer instanceof SharedArrayBuffer))
    throw new TypeError('With workers, images must lie on a SharedArrayBuffer.');
}

/** The shape of images that are shrunk to a side, or not at all. */
function shapeOfEpoch(imageShape: ImageShape, side: number | undefined): ImageShape {
  return side === undefined ? imageShape : [side, side, imageShape[2]];
}

function startPool(options: BatchSourceOptions, slots: readonly Slot[]): Preparer {
  const { images, imageShape, statistics, augment, seed, stream, workers, smallSizes = [] } = options;
  const settings = { imageShape, statistics, augment, seed, stream, smallSizes };
  if (workers === 0) return inThread(images, settings);
  const workerData: BatchWorkerData = { images, slots, settings };
  return workerPool(workers, () => startWorker(import.meta.url, './batchWorker', { workerData }));
}

/**
 * Makes a source of batches. The images of a batch are a pure function of seed, stream, epoch and order, and mixed ones
 * of the batch's place in the epoch, whatever the number of workers. Threads start at once; a source that is forgotten
 * does not keep the process alive.
 * @param createPreparer fills the slots
 * @throws RangeError, TypeError if the options do not fit together; UsageError if images would be mixed on another
 *   stream than training's; the signal's reason if it has aborted
 */
export function createBatchSource(
  options: BatchSourceOptions,
  createPreparer: (options: BatchSourceOptions, slots: readonly Slot[]) => Preparer = startPool,
): BatchSource {
  check(options);
  const { labels, imageShape, batchSize, workers, dropLast, signal, augment, seed, smallSizes } = options;
  signal?.throwIfAborted();
  const imageLength = imageShape[0] * imageShape[1] * imageShape[2];
  const slots = createSlots(options.ringSize ?? 2 * workers + 2, batchSize, imageLength);
  const queue = new BatchQueue(
    createPreparer(options, slots),
    slots,
    batchSize,
    (epoch) => shapeOfEpoch(imageShape, smallSizes?.[epoch]),
    labels,
    (epoch, step) => drawMixing(augment, seed, epoch, step, imageShape),
  );
  const abort = (): void => void queue.stop(signal?.reason as Error);
  signal?.addEventListener('abort', abort, { once: true });

  return {
    batches(epoch, order, firstBatch = 0) {
      const stray = order.find((index) => index >= labels.length);
      if (stray !== undefined)
        throw new RangeError(`The order names image ${stray}, but there are ${labels.length} images.`);
      const count = batchCount(order.length, batchSize, dropLast);
      if (!Number.isInteger(firstBatch) || firstBatch < 0 || firstBatch > count)
        throw new RangeError(`firstBatch must be an integer from 0 to ${count}, but is ${firstBatch}.`);
      return queue.add(epoch, order.slice(), firstBatch, count);
    },
    async close() {
      signal?.removeEventListener('abort', abort);
      await queue.stop(new CifarError('The batch source was closed.'));
    },
  };
}
