/**
 * Looks for test images of CIFAR-10 that have a near-duplicate among the training images, and for each test image's nearest training images: what
 * `cifar serve` and `cifar report` show, kept beside the network that comes with the program.
 *
 *     npx tsx scripts/find-duplicates.ts [--least 0.9]
 *
 * Nearest by that network's features; a near-duplicate is one of the nearest whose details correlate by at least --least. Takes half an hour on
 * two cores. Of the 48 pairs from 0.90 to 0.92, looked at one by one, some 44 show the same picture; above that nearly all do.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { type ImageSet } from '../src/dataset/imageSet.js';
import { loadTest, loadTrain } from '../src/dataset/load.js';
import { NEIGHBOURS, type NearDuplicates } from '../src/report/types.js';
import { keptModel } from '../src/runs/keptModel.js';
import { openEngine } from '../src/runs/openEngine.js';
import { writeFileAtomic } from '../src/util/files.js';
import { alikeness } from './near-duplicates/alike.js';
import { featuresOf } from './near-duplicates/features.js';
import { nearest } from './near-duplicates/nearest.js';

const { values } = parseArgs({ options: { least: { type: 'string', default: '0.9' } } });
const least = Number(values.least);

await openEngine({ backend: 'auto', precision: 'f32', threads: 0 });
const test = loadTest(CIFAR10, { dataDir: 'data' });
const train = loadTrain(CIFAR10, { dataDir: 'data' });
const kept = keptModel();
console.log('Features of all images…');
const near = await nearest(await featuresOf(kept.last, test), await featuresOf(kept.last, train), NEIGHBOURS);
console.log('Comparing each test image with its nearest…');
const image = ({ images }: ImageSet, number: number): Uint8Array =>
  images.subarray(number * 3072, (number + 1) * 3072);
const pairs: NearDuplicates['pairs'] = [];
near.forEach((number, place) => {
  const row = Math.floor(place / NEIGHBOURS);
  const alike = Number(alikeness(image(test, row), image(train, number)).toFixed(4));
  if (alike >= least) pairs.push({ test: row, train: number, alike });
});
const how = `among the ${NEIGHBOURS} nearest training images by the features of ${kept.name}, details correlate by at least ${least}, moved, resized or mirrored`;
writeFileAtomic(join(kept.path, 'neighbours.bin'), new Uint8Array(near.buffer));
writeFileAtomic(join(kept.path, 'near-duplicates.json'), `${JSON.stringify({ how, pairs })}\n`);
const images = new Set(pairs.map((pair) => pair.test)).size;
console.log(`${images} test images have a near-duplicate among the training images (${pairs.length} pairs).`);
