import { imageBytes } from '../dataset/descriptor.js';
import { type Fit, fitPicture, shrunkInto } from '../pictures/fit.js';
import { decodePicture, PictureError } from '../pictures/decode.js';
import type { Pixels } from '../pictures/areaMean.js';
import type { PictureSource } from '../pictures/sources.js';
import { EVALUATION_BATCH } from './atOnce.js';
import type { Predictor } from './predictor.js';

/** What a network says of a picture. */
export interface Answer {
  source: PictureSource;
  /** Of the picture as it is stored and turned. */
  width: number;
  height: number;
  /** By class, in the data set's order. */
  probabilities: Float32Array;
  /** The image that the network was given: height × width × 3 bytes. */
  seen: Uint8Array;
  /** The whole picture, small; where it was asked for. */
  thumbnail?: Pixels;
}

/** A picture that cannot be read, and why, in words that go after its name. */
export interface Unanswered {
  source: PictureSource;
  reason: string;
}

export interface AnswerOptions {
  fit: Fit;
  /** Largest side of a thumbnail, pixels; 0: none. */
  thumbnail: (place: number) => number;
  signal?: AbortSignal;
}

/**
 * Reads pictures and classifies them, a batch at a time, in their order. One that cannot be read takes nothing from the others.
 * One at most is decoded at once.
 */
export async function* answerPictures(
  predictor: Predictor,
  sources: readonly PictureSource[],
  { fit, thumbnail, signal }: AnswerOptions,
): AsyncGenerator<Answer | Unanswered> {
  for (let start = 0; start < sources.length; start += EVALUATION_BATCH) {
    const read: (Omit<Answer, 'probabilities'> | Unanswered)[] = [];
    for (const [i, source] of sources.slice(start, start + EVALUATION_BATCH).entries()) {
      signal?.throwIfAborted();
      read.push(await readPicture(source, predictor, fit, thumbnail(start + i), signal));
    }
    yield* await classify(read, predictor, signal);
  }
}

async function readPicture(
  source: PictureSource,
  { dataset: { imageShape, statistics } }: Predictor,
  fit: Fit,
  thumbnail: number,
  signal: AbortSignal | undefined,
): Promise<Omit<Answer, 'probabilities'> | Unanswered> {
  try {
    const pixels = await decodePicture(await source.read(signal));
    const padding = statistics.means.map((mean) => mean * 255);
    return {
      source,
      ...{ width: pixels.width, height: pixels.height },
      seen: fitPicture(pixels, fit, imageShape, padding),
      ...(thumbnail > 0 && { thumbnail: shrunkInto(pixels, thumbnail, thumbnail) }),
    };
  } catch (error) {
    if (error instanceof PictureError) return { source, reason: error.message };
    throw error;
  }
}

async function classify(
  read: readonly (Omit<Answer, 'probabilities'> | Unanswered)[],
  predictor: Predictor,
  signal: AbortSignal | undefined,
): Promise<(Answer | Unanswered)[]> {
  const pictures = read.filter((one) => 'seen' in one);
  const classes = predictor.dataset.classNames.length;
  const bytes = imageBytes(predictor.dataset);
  const images = new Uint8Array(pictures.length * bytes);
  pictures.forEach(({ seen }, i) => images.set(seen, i * bytes));
  const probabilities =
    pictures.length > 0 ? await predictor.probabilities(images, signal) : new Float32Array();
  let row = 0;
  return read.map((one) => {
    if (!('seen' in one)) return one;
    return { ...one, probabilities: probabilities.slice(row * classes, ++row * classes) };
  });
}
