import { CIFAR10 } from '../cifar10.js';
import type { CanonicalFile } from '../descriptor.js';
import { recordsFromPng } from './batchPng.js';
import { SourceError } from './sourceError.js';
import { readMembers } from './tarMembers.js';
import type { TakeFile } from './torontoArchive.js';

const CLASS_COUNT = CIFAR10.classNames.length;

/** The largest picture of a batch has 23.2 MB. */
const MAX_PNG_BYTES = 40_000_000;
const MAX_LABELS_BYTES = 1_000_000;
const TRAIN_LABELS = 'train_lables.json';
const TEST_LABELS = 'test_lables.json';

/** What the package's picture of a canonical file's images is named. */
export function npmMember(file: CanonicalFile): string {
  return file.name.replace(/\.bin$/, '.png');
}

function labelsMember(file: CanonicalFile): string {
  return file.name.startsWith('test') ? TEST_LABELS : TRAIN_LABELS;
}

/**
 * Makes the canonical files from the tarball of the npm package. It is read twice, since the labels come after
 * pictures that need them; one picture at a time is in memory.
 * @param files in the order of the labels
 * @throws SourceError when the archive is damaged or not that one
 */
export async function readNpmArchive(
  archive: string,
  files: readonly CanonicalFile[],
  take: TakeFile,
  signal?: AbortSignal,
): Promise<void> {
  const lists = new Map<string, Uint8Array>();
  const wantedLists = new Map(files.map((file) => [labelsMember(file), MAX_LABELS_BYTES]));
  await readMembers(archive, wantedLists, (name, json) => lists.set(name, parseLabels(name, json)), signal);

  const batches = new Map<string, { file: CanonicalFile; labels: Uint8Array }>();
  for (const [member, list] of lists) {
    let first = 0;
    for (const file of files.filter((each) => labelsMember(each) === member)) {
      batches.set(npmMember(file), { file, labels: list.subarray(first, first + file.images) });
      first += file.images;
    }
    if (list.length !== first) {
      throw new SourceError(`${member} holds ${list.length} labels, expected ${first}.`);
    }
  }
  const wanted = new Map([...batches.keys()].map((member) => [member, MAX_PNG_BYTES]));
  await readMembers(
    archive,
    wanted,
    (member, png) => {
      const { file, labels } = batches.get(member)!;
      take(file, recordsFromPng(member, png, labels));
    },
    signal,
  );
}

function parseLabels(name: string, json: Buffer): Uint8Array {
  let labels: unknown;
  try {
    labels = JSON.parse(json.toString('utf8'));
  } catch (error) {
    throw new SourceError(`${name} is not JSON.`, { cause: error });
  }
  const isLabel = (label: unknown) =>
    Number.isInteger(label) && Number(label) >= 0 && Number(label) < CLASS_COUNT;
  if (!Array.isArray(labels) || !labels.every(isLabel)) {
    throw new SourceError(`${name} is not a list of class indices (0…${CLASS_COUNT - 1}).`);
  }
  return Uint8Array.from(labels as number[]);
}
