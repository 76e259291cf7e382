import type { Dataset } from '../dataset/descriptor.js';
import { type EngineConfig, openEngine } from '../runs/openEngine.js';
import type { RunFolder } from '../runs/runFolder.js';
import { messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { limit } from '../dataset/imageSet.js';
import { Images } from './images.js';
import { measure } from './measure.js';
import { openRun } from './readRun.js';
import { reportHtml } from './reportHtml.js';
import type { Measures } from './types.js';

export interface ReportOptions {
  dataset: Dataset;
  dataDir: string;
  /** Test images that runs are measured on: the first ones; 0: all. */
  limitTest: number;
  /** Folder of the arrays that `cifar tta` makes. */
  predictionsDir: string;
  engine: EngineConfig;
  /** Told what is done, and what is left out. */
  note: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Measures runs, and writes what there is to see of them into one HTML file. Without the data set there are no answers in it.
 * @returns its size in bytes
 * @throws CifarError when a run cannot be read, or the file cannot be written
 */
export async function writeReport(
  path: string,
  folders: readonly RunFolder[],
  { dataset, dataDir, limitTest, predictionsDir, engine, note, signal }: ReportOptions,
): Promise<number> {
  const runs = folders.map(openRun);
  const images = new Images(dataset, dataDir, { test: Infinity, train: Infinity });
  const measures = new Map<string, Measures>();
  const able = runs.filter(({ run }) => run.model !== undefined);
  const all = images.set('test');
  if (all === undefined) {
    note(
      'The data set is not here, so that the report has no answers to test images: get it by cifar download.',
    );
  } else if (able.length > 0) {
    const test = limitTest > 0 ? limit(all, limitTest) : all;
    const { name: backend } = await openEngine(engine);
    for (const { folder, record } of able) {
      note(`Measuring ${folder.name} on the test images…`);
      const stop = signal && { signal };
      try {
        measures.set(folder.name, await measure(folder, record, test, { predictionsDir, backend, ...stop }));
      } catch (error) {
        signal?.throwIfAborted();
        note(`${folder.name} could not be measured: ${messageOf(error)}`);
      }
    }
  }
  const html = reportHtml({ runs, measures, images, dataDir }, new Date());
  writeFileAtomic(path, html);
  return Buffer.byteLength(html);
}
