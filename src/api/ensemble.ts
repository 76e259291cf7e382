import type { LabelSet } from '../dataset/imageSet.js';
import { type EnsembleResult, type MeanKind, ensemble as average } from '../ensembles/averaging.js';
import { type Member, readMember } from '../ensembles/members.js';
import { UsageError } from '../util/errors.js';
import { defaultImages } from './loadCifar10.js';

export interface EnsembleOptions {
  /** Whose labels the answers are compared with; default: the test images in `data`. */
  images?: LabelSet;
  /** Of probabilities (default), or of their logarithms. */
  mean?: MeanKind;
  /** One a member; default: all alike. */
  weights?: readonly number[];
}

/**
 * Averages several networks' answers, as `cifar ensemble` does.
 * @param members arrays of probabilities, count × classes, row-major, or the paths of such .npy files
 * @throws CifarError naming the array that does not fit
 */
export function ensemble(
  members: readonly (string | Float32Array)[],
  options: EnsembleOptions = {},
): EnsembleResult {
  const { images = defaultImages(), mean = 'arithmetic', weights } = options;
  const size = images.count * images.dataset.classNames.length;
  if (members.length === 0) throw new UsageError('Expected at least one array to average, got none.');
  const read = members.map((member, i): Member => {
    if (typeof member === 'string') return readMember(member, images);
    const name = `member ${i + 1}`;
    if (member.length !== size) {
      throw new UsageError(`${name}: expected ${size} probabilities, got ${member.length}.`);
    }
    return { name, path: name, probabilities: member };
  });
  return average(read, images.labels, { mean, ...(weights && { weights }) });
}
