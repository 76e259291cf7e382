import { encodePng } from '../io/png.js';
import { CifarError } from '../util/errors.js';
import { textWidth, shorten } from './font.js';
import { checkImages, drawImage, type ImageSet } from './pixels.js';
import { svgToPng } from './render.js';
import { pngUri, svgBackground, svgOpen, svgText } from './svg.js';
import { FONT_SIZE } from './theme.js';
import type { Picture } from './types.js';

const MARGIN = 14;
/** Between images, pixels. */
const GAP = 4;
/** Between a label and the images. */
const LABEL_GAP = 10;
const MOST_LABEL_WIDTH = 240;
/** From one line of notes to the next. */
const NOTE_LINE = 17;

/** One image of a sheet: which set it is in, and its number there. Without one a place stays empty. */
export interface SheetCell {
  images: ImageSet;
  index: number;
}

export interface SheetOptions {
  title: string;
  /** Phrases below the title, joined by commas, in as many lines as they take. */
  notes?: readonly string[];
  rows: { label: string; cells: (SheetCell | undefined)[] }[];
  /** Headings of the columns, if any. */
  columnLabels?: string[];
  /** Side of the square that a pixel of an image becomes, whole pixels. */
  zoom?: number;
  /** Additional space after the first column, pixels. */
  firstColumnGap?: number;
}

/**
 * A sheet of images with a label before each row and, if wanted, above each column. Images are enlarged without
 * smoothing and embedded as one PNG.
 * @throws CifarError if there is nothing to draw, or pixels and sizes do not fit
 */
export function imageSheet(options: SheetOptions): Picture {
  const { rows, columnLabels = [], zoom = 2, firstColumnGap = 0 } = options;
  const cells = rows.flatMap((row) => row.cells.filter((cell) => cell !== undefined));
  if (cells.length === 0)
    throw new CifarError(`Expected at least one image to draw "${options.title}", got none.`);
  for (const { images, index } of cells) checkImages(images, index);
  const columns = Math.max(...rows.map((row) => row.cells.length));
  const cellWidth = zoom * Math.max(...cells.map(({ images }) => images.width));
  const cellHeight = zoom * Math.max(...cells.map(({ images }) => images.height));
  const left = (column: number): number => column * (cellWidth + GAP) + (column > 0 ? firstColumnGap : 0);
  const top = (row: number): number => row * (cellHeight + GAP);
  const width = left(columns - 1) + cellWidth;
  const height = top(rows.length - 1) + cellHeight;

  const rgb = new Uint8Array(width * height * 3).fill(255);
  rows.forEach((row, r) =>
    row.cells.forEach((cell, c) => {
      if (cell) drawImage(cell.images, cell.index, { rgb, width, left: left(c), top: top(r), zoom });
    }),
  );

  const labels = rows.map((row) => shorten(row.label, MOST_LABEL_WIDTH, FONT_SIZE.subtitle));
  const widestLabel = Math.ceil(Math.max(...labels.map((label) => textWidth(label, FONT_SIZE.subtitle))));
  const x0 = MARGIN + (widestLabel > 0 ? widestLabel + LABEL_GAP : 0);
  const titleWidth = Math.ceil(textWidth(options.title, FONT_SIZE.title, 'bold'));
  // A narrow sheet widens for its title, up to the width at which a title is shortened anyway.
  const sheetWidth = Math.max(x0 + width, MARGIN + Math.min(titleWidth, 640)) + MARGIN;
  const title = shorten(options.title, sheetWidth - 2 * MARGIN, FONT_SIZE.title, 'bold');
  const notes = wrapped(options.notes ?? [], sheetWidth - 2 * MARGIN);
  const notesHeight = notes.length * NOTE_LINE;
  const y0 =
    MARGIN + FONT_SIZE.title + notesHeight + 14 + (columnLabels.length > 0 ? FONT_SIZE.label + 8 : 0);
  const middle = (row: number): number => y0 + top(row) + cellHeight / 2 + 0.35 * FONT_SIZE.subtitle;
  const svg = [
    svgOpen(sheetWidth, y0 + height + MARGIN),
    svgBackground(sheetWidth, y0 + height + MARGIN),
    svgText(title, MARGIN, MARGIN + FONT_SIZE.title, { size: FONT_SIZE.title, weight: 'bold' }),
    ...notes.map((note, i) =>
      svgText(note, MARGIN, MARGIN + FONT_SIZE.title + (i + 1) * NOTE_LINE, { size: FONT_SIZE.subtitle }),
    ),
    ...columnLabels.map((label, c) =>
      svgText(shorten(label, cellWidth + GAP, FONT_SIZE.label), x0 + left(c) + cellWidth / 2, y0 - 7, {
        size: FONT_SIZE.label,
        anchor: 'middle',
      }),
    ),
    ...labels.map((label, r) =>
      svgText(label, x0 - LABEL_GAP, middle(r), { size: FONT_SIZE.subtitle, anchor: 'end' }),
    ),
    `<image x="${x0}" y="${y0}" width="${width}" height="${height}"` +
      ` style="image-rendering:pixelated" href="${pngUri(encodePng(rgb, width, height))}"/>`,
    '</svg>',
  ].join('\n');
  return { svg, png: svgToPng(svg) };
}

/** Phrases joined by commas, in lines of a width at most where a phrase itself is no wider. */
function wrapped(phrases: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const phrase of phrases) {
    const last = lines.at(-1);
    const joined = last === undefined ? phrase : `${last}, ${phrase}`;
    if (last === undefined || textWidth(`${joined},`, FONT_SIZE.subtitle) > width) lines.push(phrase);
    else lines[lines.length - 1] = joined;
  }
  return lines.map((line, i) => shorten(i < lines.length - 1 ? `${line},` : line, width, FONT_SIZE.subtitle));
}
