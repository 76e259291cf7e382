import { CIFAR10 } from '../cifar10.js';
import { type CanonicalFile, recordBytes } from '../descriptor.js';
import { readMembers } from './tarMembers.js';

/** Takes one canonical file's bytes. */
export type TakeFile = (file: CanonicalFile, bytes: Buffer) => void;

/**
 * Reads the canonical files out of an archive that holds them as they are, such as the authors' `cifar-10-binary.tar.gz`, in
 * whatever folder.
 * @throws SourceError when the archive is damaged or not that one
 */
export async function readTorontoArchive(
  archive: string,
  files: readonly CanonicalFile[],
  take: TakeFile,
  signal?: AbortSignal,
): Promise<void> {
  const byMember = new Map(files.map((file) => [file.name, file]));
  const wanted = new Map(files.map((file) => [file.name, file.images * recordBytes(CIFAR10)]));
  await readMembers(archive, wanted, (member, bytes) => take(byMember.get(member)!, bytes), signal);
}
