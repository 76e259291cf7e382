import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The family that every text of a picture asks for; Verdana has nearly the same widths where DejaVu is not installed. */
export const FONT_FAMILY = 'DejaVu Sans, Verdana, sans-serif';

const require = createRequire(import.meta.url);

/** Files of the fonts that pictures are drawn with. They come with the program, so a picture looks the same everywhere. */
export const FONT_FILES = {
  regular: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
} as const;

export type FontWeight = keyof typeof FONT_FILES;

/** Widths of a TrueType font's glyphs, in units of the em square. */
interface FontMetrics {
  unitsPerEm: number;
  glyphOf(codePoint: number): number;
  advanceOf(glyph: number): number;
}

/**
 * Reads what is needed to measure a text: the tables head, hhea, hmtx and the format 4 (Basic Multilingual Plane) cmap.
 * Format: Apple's TrueType Reference Manual, chapter 6.
 */
function readMetrics(path: string): FontMetrics {
  const bytes = readFileSync(path);
  const tables = new Map<string, number>();
  for (let i = 0; i < bytes.readUInt16BE(4); i++) {
    const entry = 12 + 16 * i;
    tables.set(bytes.toString('latin1', entry, entry + 4), bytes.readUInt32BE(entry + 8));
  }
  const table = (tag: string): number => {
    const offset = tables.get(tag);
    if (offset === undefined) throw new Error(`${path} has no ${tag} table; expected a TrueType font.`);
    return offset;
  };
  const widths = table('hmtx');
  const widthCount = bytes.readUInt16BE(table('hhea') + 34);
  return {
    unitsPerEm: bytes.readUInt16BE(table('head') + 18),
    glyphOf: characterMap(bytes, table('cmap'), path),
    // Glyphs past the last width share it.
    advanceOf: (glyph) => bytes.readUInt16BE(widths + 4 * Math.min(glyph, widthCount - 1)),
  };
}

function characterMap(bytes: Buffer, cmap: number, path: string): (codePoint: number) => number {
  for (let i = 0; i < bytes.readUInt16BE(cmap + 2); i++) {
    const at = cmap + bytes.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (bytes.readUInt16BE(at) !== 4) continue;
    const twiceSegments = bytes.readUInt16BE(at + 6);
    const ends = at + 14;
    const starts = ends + twiceSegments + 2;
    const deltas = starts + twiceSegments;
    const ranges = deltas + twiceSegments;
    return (codePoint) => {
      for (let s = 0; s < twiceSegments; s += 2) {
        if (codePoint > bytes.readUInt16BE(ends + s)) continue;
        const start = bytes.readUInt16BE(starts + s);
        if (codePoint < start) return 0;
        const delta = bytes.readUInt16BE(deltas + s);
        const range = bytes.readUInt16BE(ranges + s);
        if (range === 0) return (codePoint + delta) & 0xffff;
        const glyph = bytes.readUInt16BE(ranges + s + range + 2 * (codePoint - start));
        return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
      }
      return 0;
    };
  }
  throw new Error(`${path} has no format 4 character map.`);
}

const loaded = new Map<FontWeight, FontMetrics>();

/**
 * Width of a text as drawn, in pixels, without kerning. A character that the font lacks is as wide as the empty box
 * drawn for it.
 * @param fontSize height of the em square, pixels
 */
export function textWidth(text: string, fontSize: number, weight: FontWeight = 'regular'): number {
  let metrics = loaded.get(weight);
  if (metrics === undefined) {
    metrics = readMetrics(FONT_FILES[weight]);
    loaded.set(weight, metrics);
  }
  let units = 0;
  for (const character of text) units += metrics.advanceOf(metrics.glyphOf(character.codePointAt(0) ?? 0));
  return (units * fontSize) / metrics.unitsPerEm;
}

/**
 * Shortens a text to a width by leaving out its middle: names of runs differ at the end as often as at the start.
 * @param maxWidth pixels
 */
export function shorten(
  text: string,
  maxWidth: number,
  fontSize: number,
  weight: FontWeight = 'regular',
): string {
  if (textWidth(text, fontSize, weight) <= maxWidth) return text;
  const characters = [...text];
  for (let kept = characters.length - 1; kept > 0; kept--) {
    const head = characters.slice(0, Math.ceil(kept / 2)).join('');
    const tail = characters.slice(characters.length - Math.floor(kept / 2)).join('');
    const shorter = `${head}…${tail}`;
    if (textWidth(shorter, fontSize, weight) <= maxWidth) return shorter;
  }
  return '…';
}
