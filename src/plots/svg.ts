import { FONT_FAMILY } from './font.js';
import { INK } from './theme.js';

/** Parts of drawings that are written by hand. */

export interface TextStyle {
  size: number;
  weight?: 'bold';
  anchor?: 'middle' | 'end';
}

export function svgOpen(width: number, height: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
}

export function svgBackground(width: number, height: number): string {
  return `<rect width="${width}" height="${height}" fill="#ffffff"/>`;
}

export function svgText(content: string, x: number, y: number, { size, weight, anchor }: TextStyle): string {
  const style = `${weight ? ` font-weight="${weight}"` : ''}${anchor ? ` text-anchor="${anchor}"` : ''}`;
  return `<text x="${x}" y="${y}" font-family="${FONT_FAMILY}" font-size="${size}" fill="${INK.text}"${style}>${escaped(content)}</text>`;
}

/** A text as drawings and pages hold it, in attributes, too. */
export function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** An image within a drawing. @param png the content of a PNG file */
export function pngUri(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
