import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A package that the user may have installed; we never do. */
export interface Peer {
  /** Where to import it from. */
  url: string;
  version: string;
}

interface PackageFile {
  version?: string;
  main?: string;
}

/**
 * Looks for an optional package beside this one, then in the user's project.
 * @param packageName such as `@tensorflow/tfjs-node`
 * @param folders where to begin; each one's parents are searched too
 * @returns null when it is not installed
 */
export function findPeer(packageName: string, folders: string[] = defaultFolders()): Peer | null {
  for (const start of folders) {
    for (let folder = start; ; folder = dirname(folder)) {
      const root = join(folder, 'node_modules', packageName);
      const description = join(root, 'package.json');
      if (existsSync(description)) {
        const { version, main } = JSON.parse(readFileSync(description, 'utf8')) as PackageFile;
        const url = pathToFileURL(join(root, main ?? 'index.js')).href;
        return { url, version: version ?? 'unknown' };
      }
      if (folder === dirname(folder)) break;
    }
  }
  return null;
}

function defaultFolders(): string[] {
  return [dirname(fileURLToPath(import.meta.url)), process.cwd()];
}
