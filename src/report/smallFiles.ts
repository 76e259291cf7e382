import { statSync } from 'node:fs';
import type { RunFolder } from '../runs/runFolder.js';
import { CifarError } from '../util/errors.js';

/** Above this a run's file is not one that training wrote: a record takes some kilobytes, a history 250 bytes an epoch. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * Reading must not take the memory or the time of a program that others wait for.
 * @throws CifarError when one of a run's texts is larger than any is
 */
export function checkSmall(folder: RunFolder): void {
  for (const path of [folder.record, folder.historyJsonl]) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MOST_BYTES) {
      throw new CifarError(
        `${path} has ${Math.round(size / 2 ** 20)} MiB, and no such file of a training has more than ${MOST_BYTES / 2 ** 20}.`,
      );
    }
  }
}
