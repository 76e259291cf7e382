import { CIFAR10 } from '../cifar10.js';
import { type CanonicalFile, recordBytes } from '../descriptor.js';
import { readMembers } from './tarMembers.js';

/** Takes one canonical file's bytes. */
export type TakeFile = (file: CanonicalFile, bytes: Buffer) => void;

/** Where the authors' archive keeps a canonical file. */
export function torontoMember(file: CanonicalFile): string {
  return `cifar-10-batches-bin/${file.name}`;
}

/**
 * Reads the canonical files out of the authors' `cifar-10-binary.tar.gz`, which holds them as they are.
 * @throws SourceError when the archive is damaged or not that one
 */
export async function readTorontoArchive(
  archive: string,
  files: readonly CanonicalFile[],
  take: TakeFile,
  signal?: AbortSignal,
): Promise<void> {
  const byMember = new Map(files.map((file) => [torontoMember(file), file]));
  const wanted = new Map(files.map((file) => [torontoMember(file), file.images * recordBytes(CIFAR10)]));
  await readMembers(archive, wanted, (member, bytes) => take(byMember.get(member)!, bytes), signal);
}
