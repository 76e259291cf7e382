import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CifarError } from '../util/errors.js';
import type { SiteFile } from '../report/siteFiles.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** Where `npm run build` puts the page: beside the compiled program, from which this may be run as source. */
function pageFolder(): string {
  const folder = ['../page', '../../dist/page']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(join(path, 'index.html')) && !existsSync(join(path, 'tsconfig.json')));
  if (folder === undefined) {
    throw new CifarError('The page has not been built: run npm run build in the folder of the program.');
  }
  return folder;
}

/**
 * The files that the page itself is made of, by their paths; they are few, and do not change while the program runs.
 * @throws CifarError when it has not been built
 */
export function pageFiles(): Map<string, SiteFile> {
  const folder = pageFolder();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, '');
      return [name, { type: TYPES[extname(name)] ?? 'application/octet-stream', body: readFileSync(path) }];
    }),
  );
}
