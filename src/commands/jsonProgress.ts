import { passesOf } from '../plots/types.js';
import type { EpochRecord } from '../runs/history.js';
import type { RunFolder } from '../runs/runFolder.js';
import type { RunRecord } from '../runs/runRecord.js';
import { printJsonLine, printProgress } from './output.js';
import { TrainProgress } from './trainProgress.js';

/** Prints a line of JSON for each epoch that is done, for programs that drive training; what people read goes to standard error. */
export class JsonProgress extends TrainProgress {
  constructor() {
    super(printProgress);
  }

  override epochEnded(record: EpochRecord, epochs: number, isBest: boolean): void {
    super.epochEnded(record, epochs, isBest);
    printJsonLine({ type: 'epoch', ...record, epoch: passesOf(record), epochs });
  }
}

/** What a training came to, as its last line. */
export function trainedLine({ path }: RunFolder, record: RunRecord): object {
  const { status, trainingSeconds, petaflop, validatedOn, validationImages, last, best, tta } = record;
  return {
    ...{ type: 'result', run: path, status, trainingSeconds, petaflop, validatedOn, validationImages },
    ...{ last: last ?? null, best: best ?? null, tta: tta ?? null },
  };
}
