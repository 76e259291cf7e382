import type { Measures, NearDuplicates, Part, RunDetail, SiteInfo } from '../../report/types';
import { imageSize } from '../lib/pixels';
import { bytesOf } from '../lib/base64';
import { type Source, SourceError } from './source';

/** What a report carries, in a script of the type application/json. */
export interface EmbeddedReport {
  site: SiteInfo;
  details: RunDetail[];
  measures: Record<string, Measures>;
  /** Numbers of the images that are here, in the order of their bytes in `pixels`. */
  images: Record<Part, number[]>;
  /** Base64 of all images' bytes, the tests' first, packed by deflate. */
  pixels: string;
  neighbours: Record<number, number[]>;
  nearDuplicates: NearDuplicates;
}

/** Content that the page itself holds. */
export async function openEmbeddedSource(report: EmbeddedReport): Promise<Source> {
  const { site, details, measures, images, neighbours } = report;
  const size = imageSize(site);
  const pixels = await inflate(bytesOf(report.pixels));
  const places: Record<Part, Map<number, number>> = {
    test: new Map(images.test.map((number, i) => [number, i])),
    train: new Map(images.train.map((number, i) => [number, images.test.length + i])),
  };
  return {
    site,
    runs: () => Promise.resolve(details.map(({ run }) => run)),
    detail: (run) => {
      const found = details.find((one) => one.run.name === run);
      return found === undefined
        ? Promise.reject(new SourceError(`The report holds no run ${run}.`))
        : Promise.resolve(found);
    },
    measures: (run) => Promise.resolve(Object.hasOwn(measures, run) ? measures[run] : undefined),
    images: (part, numbers) =>
      Promise.resolve(
        numbers.map((number) => {
          const place = places[part].get(number);
          return place === undefined ? undefined : pixels.subarray(place * size, (place + 1) * size);
        }),
      ),
    labels: () => Promise.resolve(new Uint8Array()),
    neighbours: (test) => Promise.resolve(neighbours[test] ?? []),
    nearDuplicates: () => Promise.resolve(report.nearDuplicates),
    modelUrl: () => undefined,
  };
}

async function inflate(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
