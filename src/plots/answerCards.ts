import { encodePng } from '../io/png.js';
import { printable } from '../util/text.js';
import { FONT_FAMILY, shorten } from './font.js';
import { svgToPng } from './render.js';
import { escaped, pngUri, svgBackground, svgOpen, svgText } from './svg.js';
import { FONT_SIZE, INK, PALETTE } from './theme.js';

/** A picture and what a network says of it. */
export interface AnswerCard {
  name: string;
  /** The class it is known to be of. */
  truth?: string;
  /** Red, green, blue bytes, row by row. */
  thumbnail?: { rgb: Uint8Array; width: number; height: number };
  /** What the network was given. */
  seen?: { rgb: Uint8Array; width: number; height: number };
  /** The likeliest first; probabilities 0…1. */
  classes?: readonly { class: string; probability: number }[];
  /** Why there is no answer. */
  reason?: string;
}

export interface AnswerSheet {
  title: string;
  /** Below the title. */
  notes: readonly string[];
  cards: readonly AnswerCard[];
}

/** Stands in what is drawn here, so that it is known again. */
export const GENERATOR = 'cifar predict';

const CARD = { width: 400, height: 132 } as const;
const BOX = 112;
const SEEN_SIDE = 64;
const GAP = 10;
const COLUMNS = 3;
const TEXT_LEFT = BOX + SEEN_SIDE + 4 * GAP;
const MOST_BARS = 5;

/** A sheet as one PNG: three cards a row. */
export function answerSheetPng({ title, notes, cards }: AnswerSheet): Uint8Array {
  const columns = Math.min(COLUMNS, cards.length);
  const top = 2 * GAP + FONT_SIZE.title + notes.length * 18 + GAP;
  const width = Math.max(columns, 2) * (CARD.width + GAP) + GAP;
  const height = top + Math.ceil(cards.length / columns) * (CARD.height + GAP) + GAP;
  const placed = cards.map((card, i) => {
    const x = GAP + (i % columns) * (CARD.width + GAP);
    const y = top + Math.floor(i / columns) * (CARD.height + GAP);
    return `<g transform="translate(${x} ${y})">${cardContent(card)}</g>`;
  });
  const svg = [
    svgOpen(width, height),
    svgBackground(width, height),
    svgText(shorten(clean(title), width - 2 * GAP, FONT_SIZE.title, 'bold'), GAP, GAP + FONT_SIZE.title, {
      size: FONT_SIZE.title,
      weight: 'bold',
    }),
    ...notes.map((note, i) =>
      svgText(
        shorten(clean(note), width - 2 * GAP, FONT_SIZE.subtitle),
        GAP,
        GAP + FONT_SIZE.title + 18 * (i + 1),
        { size: FONT_SIZE.subtitle },
      ),
    ),
    ...placed,
    '</svg>',
  ].join('\n');
  return svgToPng(svg, 1.5);
}

/** A sheet as a page that needs nothing beside itself, and asks for nothing. */
export function answerSheetHtml({ title, notes, cards }: AnswerSheet): string {
  const cells = cards.map(
    (card) => `<figure>${svgOpen(CARD.width, CARD.height)}${cardContent(card)}</svg></figure>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${GENERATOR}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(clean(title))}</title>
<style>
body { font: 14px ${FONT_FAMILY}; color: ${INK.text}; margin: 16px; }
h1 { font-size: 18px; }
main { display: flex; flex-wrap: wrap; gap: 10px; }
figure { margin: 0; }
svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
<h1>${escaped(clean(title))}</h1>
${notes.map((note) => `<p>${escaped(clean(note))}</p>`).join('\n')}
<main>
${cells.join('\n')}
</main>
</body>
</html>
`;
}

function cardContent({ name, truth, thumbnail, seen, classes = [], reason }: AnswerCard): string {
  const width = CARD.width - TEXT_LEFT - GAP;
  const label = shorten(clean(name), width, FONT_SIZE.subtitle, 'bold');
  const isRight = truth === undefined ? undefined : classes[0]?.class === truth;
  const verdict =
    isRight === undefined || reason !== undefined ? [] : [isRight ? 'right' : `it is: ${truth}`];
  const bars = classes.slice(0, MOST_BARS);
  const firstBar = 36 + 16 * verdict.length;
  return [
    `<title>${escaped(clean(name))}</title>`,
    `<rect x="0.5" y="0.5" width="${CARD.width - 1}" height="${CARD.height - 1}" rx="4" fill="#ffffff" stroke="${isRight === false ? PALETTE[1] : '#d0d4da'}"/>`,
    picture(thumbnail, GAP, GAP, BOX, false),
    picture(seen, BOX + 2 * GAP, GAP, SEEN_SIDE, true),
    svgText(label, TEXT_LEFT, 22, { size: FONT_SIZE.subtitle, weight: 'bold' }),
    ...verdict.map((line) => svgText(line, TEXT_LEFT, 38, { size: FONT_SIZE.label })),
    ...(reason === undefined ? [] : wrapped(`not read: ${reason}`, TEXT_LEFT, 42)),
    ...bars.map((one, i) => bar(one, firstBar + i * 18, width)),
  ].join('\n');
}

function bar(
  { class: name, probability }: { class: string; probability: number },
  y: number,
  width: number,
): string {
  const percentage = `${(100 * probability).toFixed(1)} %`;
  return (
    `<rect x="${TEXT_LEFT}" y="${y}" width="${(width * probability).toFixed(1)}" height="15" fill="${PALETTE[0]}" opacity="0.28"/>` +
    svgText(`${name} ${percentage}`, TEXT_LEFT + 4, y + 11.5, { size: FONT_SIZE.label })
  );
}

function picture(
  image: { rgb: Uint8Array; width: number; height: number } | undefined,
  left: number,
  top: number,
  side: number,
  isPixelated: boolean,
): string {
  if (image === undefined)
    return `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="#eef0f3"/>`;
  const scale = side / Math.max(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  const png = pngUri(encodePng(image.rgb, image.width, image.height));
  return (
    `<image x="${left + (side - width) / 2}" y="${top + (side - height) / 2}" width="${width}" height="${height}"` +
    `${isPixelated ? ' style="image-rendering:pixelated"' : ''} href="${png}"/>`
  );
}

/** A reason in lines of some forty characters. */
function wrapped(content: string, left: number, top: number): string[] {
  const lines = clean(content).match(/.{1,34}(\s|$)|.{1,34}/g) ?? [];
  return lines
    .slice(0, 5)
    .map((line, i) => svgText(line.trim(), left, top + i * 15, { size: FONT_SIZE.label }));
}

/** Without what a page or a drawing cannot hold: names of files hold anything. */
const clean = (content: string): string =>
  printable(content)
    .replaceAll('\n', '\\n')
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd');
