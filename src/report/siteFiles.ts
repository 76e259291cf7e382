import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalFiles } from '../dataset/descriptor.js';
import type { RunFolder } from '../runs/runFolder.js';
import { packageVersion } from '../util/packageVersion.js';
import { detailOf } from './detail.js';
import type { Images } from './images.js';
import { nearDuplicates, neighbours } from './neighbours.js';
import { openRun } from './readRun.js';
import { modelOf } from './summary.js';
import type { Measures, Part, RunSummary, SiteInfo } from './types.js';

export interface SiteContent {
  kind: SiteInfo['kind'];
  images: Images;
  /** Folder of the data set's files. */
  dataDir: string;
  /** A run's, if there is one of that name. */
  folder(name: string): RunFolder | undefined;
  summaries(): readonly RunSummary[];
  /** What has been measured of a run, if it has. */
  measures(name: string): Measures | undefined;
}

/** A file that a page may ask for: its content, or where that lies. */
export interface SiteFile {
  type: string;
  body: string | Uint8Array;
}

const JSON_TYPE = 'application/json';
const BYTES_TYPE = 'application/octet-stream';

/** `site.json`. */
export function siteInfo({
  kind,
  images,
  dataDir,
}: Pick<SiteContent, 'kind' | 'images' | 'dataDir'>): SiteInfo {
  const { dataset } = images;
  const isThere = canonicalFiles(dataset).every(({ name }) => existsSync(join(dataDir, name)));
  const count = (part: Part): number => (isThere ? images.count(part) : 0);
  return {
    ...{ kind, version: packageVersion() },
    dataset: {
      name: dataset.name,
      classes: dataset.classNames,
      imageShape: [dataset.imageShape[0], dataset.imageShape[1], dataset.imageShape[2]],
    },
    statistics: dataset.statistics,
    images: { test: count('test'), train: count('train') },
  };
}

/**
 * A file of a page's content by its path, such as `runs/bench-s1/detail.json`. Names that a path holds are looked up among those there
 * are, and never made a part of a path on the disk.
 * @returns undefined for what there is not
 * @throws CifarError when what there is cannot be read
 */
export function siteFile(content: SiteContent, path: string): SiteFile | undefined {
  const parts = path.split('/');
  const [room, name, file] = parts;
  if (parts.length === 1) return topFile(content, room);
  if (room === 'images' && parts.length === 3) return bytes(imageFile(content, name, file));
  if (room === 'labels' && parts.length === 2) return bytes(labelFile(content, name));
  if (room !== 'runs') return undefined;
  const folder = content.folder(name);
  return folder === undefined ? undefined : runFile(content, folder, parts.slice(2));
}

function topFile(content: SiteContent, name: string): SiteFile | undefined {
  if (name === 'site.json') return json(siteInfo(content));
  if (name === 'runs.json') return json(content.summaries());
  if (name === 'near-duplicates.json') return json(nearDuplicates());
  if (name === 'neighbours.bin') return bytes(neighbours());
  return undefined;
}

function runFile(
  content: SiteContent,
  folder: RunFolder,
  [first, second, ...more]: string[],
): SiteFile | undefined {
  if (first === 'detail.json' && second === undefined) {
    return json(detailOf(openRun(folder), content.images.dataset.classNames.length));
  }
  if (first === 'measures.json' && second === undefined) {
    // null: nobody has measured it yet, which is no error.
    return json(content.measures(folder.name) ?? null);
  }
  if ((first !== 'last' && first !== 'best') || second === undefined || more.length > 0) return undefined;
  return modelFile(folder[first], second);
}

/** A plain file of a model's folder, and none that a link leads to. */
function modelFile(folder: string, name: string): SiteFile | undefined {
  if (!existsSync(folder) || !readdirSync(folder).includes(name)) return undefined;
  const path = join(folder, name);
  if (!lstatSync(path).isFile()) return undefined;
  return { type: name.endsWith('.json') ? JSON_TYPE : BYTES_TYPE, body: readFileSync(path) };
}

/** The paths of a model's files, below `runs/NAME/`. */
export function modelFiles(folder: RunFolder): string[] {
  const which = modelOf(folder);
  return which === undefined ? [] : readdirSync(folder[which]).map((name) => `${which}/${name}`);
}

function imageFile({ images }: SiteContent, part: string, file: string): Uint8Array | undefined {
  const number = /^(\d{1,6})\.bin$/.exec(file)?.[1];
  return isPart(part) && number !== undefined ? images.file(part, Number(number)) : undefined;
}

function labelFile({ images }: SiteContent, file: string): Uint8Array | undefined {
  const part = file.replace(/\.bin$/, '');
  return isPart(part) && file.endsWith('.bin') ? images.labels(part) : undefined;
}

const isPart = (text: string): text is Part => text === 'test' || text === 'train';

const json = (value: unknown): SiteFile => ({ type: JSON_TYPE, body: JSON.stringify(value) });

const bytes = (body: Uint8Array | undefined): SiteFile | undefined => body && { type: BYTES_TYPE, body };
