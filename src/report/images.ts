import { type Dataset, imageBytes } from '../dataset/descriptor.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { loadTest, loadTrain } from '../dataset/load.js';
import { CifarError } from '../util/errors.js';
import { IMAGES_A_FILE, type Part } from './types.js';

const LOAD = { test: loadTest, train: loadTrain } as const;

/** The images of a data set that pages show, read when they are first asked for. */
export class Images {
  private readonly sets = new Map<Part, ImageSet | undefined>();

  /** @param most how many of each part are given away: the first ones */
  constructor(
    readonly dataset: Dataset,
    private readonly dataDir: string,
    private readonly most: Readonly<Record<Part, number>>,
  ) {}

  /** How many images of a part there are to show. */
  count(part: Part): number {
    const there = part === 'test' ? this.dataset.testImages : this.dataset.trainImages;
    return Math.min(this.most[part], there);
  }

  /** Undefined where the data set is missing or damaged. */
  set(part: Part): ImageSet | undefined {
    if (!this.sets.has(part)) this.sets.set(part, this.load(part));
    return this.sets.get(part);
  }

  /**
   * All images of a part, whatever of them is given away.
   * @throws CifarError when the data set is missing or damaged
   */
  whole(part: Part): ImageSet {
    return this.set(part) ?? LOAD[part](this.dataset, { dataDir: this.dataDir });
  }

  /** The bytes of a file `images/PART/NUMBER.bin`, NHWC. */
  file(part: Part, number: number): Uint8Array | undefined {
    const bytes = imageBytes(this.dataset);
    const [first, end] = [number * IMAGES_A_FILE, (number + 1) * IMAGES_A_FILE];
    if (first >= this.count(part)) return undefined;
    return this.set(part)?.images.slice(first * bytes, Math.min(end, this.count(part)) * bytes);
  }

  /**
   * The bytes of one image, whatever is given away.
   * @throws CifarError when the data set is missing or damaged
   */
  one(part: Part, number: number): Uint8Array {
    const bytes = imageBytes(this.dataset);
    return this.whole(part).images.slice(number * bytes, (number + 1) * bytes);
  }

  /** A byte an image. */
  labels(part: Part): Uint8Array | undefined {
    return this.set(part)?.labels.slice(0, this.count(part));
  }

  private load(part: Part): ImageSet | undefined {
    try {
      return LOAD[part](this.dataset, { dataDir: this.dataDir });
    } catch (error) {
      if (error instanceof CifarError) return undefined;
      throw error;
    }
  }
}
