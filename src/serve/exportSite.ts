import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Dataset } from '../dataset/descriptor.js';
import { limit } from '../dataset/imageSet.js';
import { Images } from '../report/images.js';
import { measure } from '../report/measure.js';
import { openRun } from '../report/readRun.js';
import { type SiteContent, modelFiles, siteFile } from '../report/siteFiles.js';
import { IMAGES_A_FILE, type Measures, type Part } from '../report/types.js';
import { keptModel } from '../runs/keptModel.js';
import { type EngineConfig, openEngine } from '../runs/openEngine.js';
import { checkModel, findRun } from '../runs/runFolder.js';
import { UsageError } from '../util/errors.js';
import { ensureFolder, partName, writeError, writeFileAtomic } from '../util/files.js';
import { pageFiles } from './pageFiles.js';

export interface ExportSiteOptions {
  dataset: Dataset;
  modelsDir: string;
  dataDir: string;
  /** Test images that runs are measured on: the first ones; 0: all. */
  limitTest: number;
  predictionsDir: string;
  engine: EngineConfig;
  /** Runs by name or folder; none: the network that comes with the program. */
  runs: readonly string[];
  /** Images of each part that go with the page. */
  images: number;
  /** Told what is done, and why it takes time. */
  note: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Writes the page with some runs, their networks and answers, and a slice of the data, as files for any web server. The folder bears its name
 * only when it is whole; one that an earlier call has written is replaced.
 * @throws UsageError when something else is there, or a run has no model; CifarError when the data set is missing
 */
export async function exportSite(
  target: string,
  options: ExportSiteOptions,
): Promise<{ files: number; bytes: number }> {
  checkTarget(target);
  const {
    dataset,
    modelsDir,
    dataDir,
    limitTest,
    predictionsDir,
    engine,
    images: most,
    note,
    signal,
  } = options;
  const folders =
    options.runs.length > 0 ? options.runs.map((run) => findRun(run, modelsDir)) : [keptModel()];
  for (const folder of folders) {
    if (!existsSync(join(folder.best, 'model.json'))) checkModel(folder, 'last');
  }
  const images = new Images(dataset, dataDir, { test: most, train: most });
  const all = images.whole('test');
  const test = limitTest > 0 ? limit(all, limitTest) : all;
  const { name: backend } = await openEngine(engine);
  const measures = new Map<string, Measures>();
  for (const folder of folders) {
    note(`Measuring ${folder.name} on the test images…`);
    const { record } = openRun(folder);
    measures.set(
      folder.name,
      await measure(folder, record, test, { predictionsDir, backend, ...(signal && { signal }) }),
    );
  }
  const content: SiteContent = {
    ...{ kind: 'folder', images, dataDir },
    folder: (name) => folders.find((folder) => folder.name === name),
    summaries: () => folders.map((folder) => openRun(folder).run),
    measures: (run) => measures.get(run),
  };
  const paths = [
    ...['site.json', 'runs.json', 'near-duplicates.json', 'neighbours.bin'],
    ...(['test', 'train'] as const).flatMap((part) => partPaths(images, part)),
    ...folders.flatMap((folder) =>
      ['detail.json', 'measures.json', ...modelFiles(folder)].map((file) => `runs/${folder.name}/${file}`),
    ),
  ];
  const files = new Map(pageFiles());
  for (const path of paths) {
    const file = siteFile(content, path);
    if (file !== undefined) files.set(path, file);
  }
  signal?.throwIfAborted();
  writeFolder(target, new Map([...files].map(([path, { body }]) => [path, body])));
  return {
    files: files.size,
    bytes: [...files.values()].reduce((sum, { body }) => sum + Buffer.byteLength(body), 0),
  };
}

function partPaths(images: Images, part: Part): string[] {
  const count = Math.ceil(images.count(part) / IMAGES_A_FILE);
  return [
    `labels/${part}.bin`,
    ...Array.from({ length: count }, (_, number) => `images/${part}/${number}.bin`),
  ];
}

function checkTarget(target: string): void {
  if (!existsSync(target)) return;
  const isFree = readdirSync(target).length === 0 || existsSync(join(target, 'site.json'));
  if (!isFree)
    throw new UsageError(`${target} is there already, and is no exported page: give another folder.`);
}

function writeFolder(target: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  const part = partName(resolve(target));
  try {
    for (const [path, body] of files) {
      ensureFolder(join(part, path, '..'));
      writeFileAtomic(join(part, path), body);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw writeError(target, error);
  }
}
