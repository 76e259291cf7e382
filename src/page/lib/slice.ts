import type { Slice } from '../engine/messages';
import type { Part } from '../../report/types';
import type { Source } from '../source/source';
import { imageSize } from './pixels';

/** The first images of both parts, with their labels. */
export async function sliceOf(source: Source, train: number, test: number): Promise<Slice> {
  const [images, labels] = await part(source, 'train', train);
  const [testImages, testLabels] = await part(source, 'test', test);
  return { images, labels, testImages, testLabels };
}

async function part(source: Source, name: Part, count: number): Promise<[Uint8Array, Uint8Array]> {
  const size = imageSize(source.site);
  const numbers = Array.from({ length: count }, (_, i) => i);
  const images = new Uint8Array(count * size);
  (await source.images(name, numbers)).forEach((image, i) => {
    if (image === undefined)
      throw new Error(`The ${name === 'train' ? 'training' : 'test'} image ${i} is not here.`);
    images.set(image, i * size);
  });
  return [images, (await source.labels(name)).slice(0, count)];
}
