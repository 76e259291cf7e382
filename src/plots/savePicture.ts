import { writeFileAtomic } from '../util/files.js';
import type { Picture } from './types.js';

/**
 * Writes a picture as `<basePath>.svg` and `<basePath>.png`.
 * @returns the two paths
 * @throws CifarError if a file cannot be written
 */
export function savePicture(basePath: string, picture: Picture): { svg: string; png: string } {
  const paths = { svg: `${basePath}.svg`, png: `${basePath}.png` };
  writeFileAtomic(paths.svg, picture.svg);
  writeFileAtomic(paths.png, picture.png);
  return paths;
}
