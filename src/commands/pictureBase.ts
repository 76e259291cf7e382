import { statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { UsageError } from '../util/errors.js';

/**
 * Where a picture goes, without its ending, from what the user gave: a path with `.svg`, `.png` or neither, or a folder, in
 * which it takes its usual name.
 * @throws UsageError for a name that ends like another kind of picture
 */
export function pictureBase(out: string, usualName: string): string {
  const isFolder = /[/\\]$/.test(out) || statSync(out, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder) return join(out, usualName);
  const ending = extname(out).toLowerCase();
  if (['.jpg', '.jpeg', '.gif', '.webp', '.pdf', '.bmp', '.tif', '.tiff', '.avif'].includes(ending)) {
    throw new UsageError(
      `--out: expected a picture .svg or .png, both of which are made, got "${basename(out)}": leave the ending out.`,
    );
  }
  return ending === '.svg' || ending === '.png' ? out.slice(0, -ending.length) : out;
}
