import { netTitle } from '../nets/names.js';
import type { MemberReporter } from '../ensembles/ensemblePlan.js';
import { percent } from '../util/percent.js';
import { describeMethod } from './describeMethod.js';
import { print } from './output.js';
import { countProgress } from './trainProgress.js';

/** Shows an ensemble's training: a line as each member begins, is kept, or is predicted. */
export function memberReporter(write: (line: string) => void = print): MemberReporter {
  let passes: ReturnType<typeof countProgress> | undefined;
  return {
    member: ({ index, runName, config }, members) =>
      write(
        `\nMember ${index + 1} of ${members}: ${runName} (${netTitle(config.model)}, augmentation ${config.augment}, seed ${config.seed})`,
      ),
    kept: (what) => write(`Kept: ${what}`),
    pass: (done, of, accuracy) => {
      if (done === 1) passes = countProgress('pass', of);
      passes?.(done, `accuracy so far ${percent(accuracy)}`);
    },
    predicted: (path, record) =>
      write(
        `Accuracy ${percent(record.plainAccuracy)}, with ${describeMethod(record)} ${percent(record.accuracy)}: ${path}`,
      ),
  };
}
