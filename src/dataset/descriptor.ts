/** Height and width in pixels, and channels, of an image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Mean and standard deviation of each channel, of pixels scaled to [0, 1]. */
export interface ChannelStatistics {
  /** Red, green, blue. */
  readonly means: readonly number[];
  /** Red, green, blue; of the population (divided by n). */
  readonly deviations: readonly number[];
}

/** One of the files that hold a data set: records of a label byte and then a plane of bytes for each channel, row by row. */
export interface CanonicalFile {
  readonly name: string;
  readonly images: number;
  readonly sha256: string;
}

/** What is true of one data set alone. It is passed on with the images, and nothing above this folder knows it otherwise. */
export interface Dataset {
  /** As people write it. */
  readonly name: string;
  /** The classes; a label is an index into this list. */
  readonly classNames: readonly string[];
  readonly imageShape: ImageShape;
  readonly trainImages: number;
  readonly testImages: number;
  /** Of the training images, never of the test images. */
  readonly statistics: ChannelStatistics;
  /** In the order of the images. */
  readonly trainFiles: readonly CanonicalFile[];
  readonly testFiles: readonly CanonicalFile[];
}

/** Bytes of one image. */
export function imageBytes({ imageShape: [height, width, channels] }: Pick<Dataset, 'imageShape'>): number {
  return height * width * channels;
}

/** Bytes of one image and its label in a canonical file. */
export function recordBytes(dataset: Pick<Dataset, 'imageShape'>): number {
  return 1 + imageBytes(dataset);
}

/** All files of a data set. */
export function canonicalFiles({ trainFiles, testFiles }: Dataset): readonly CanonicalFile[] {
  return [...trainFiles, ...testFiles];
}
