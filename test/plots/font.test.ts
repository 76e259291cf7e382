import { Resvg } from '@resvg/resvg-js';
import { describe, expect, it } from 'vitest';
import { FONT_FILES, shorten, textWidth, type FontWeight } from '../../src/plots/font.js';

/** The width that the renderer gives a text: how far it moves a bar set after it. */
function renderedWidth(text: string, fontSize: number, weight: FontWeight): number {
  const bar = (content: string): number => {
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="100">` +
      `<text x="0" y="50" font-family="DejaVu Sans" font-kerning="none" font-weight="${weight === 'bold' ? 700 : 400}"` +
      ` font-size="${fontSize}">|${content}|</text></svg>`;
    const font = { loadSystemFonts: false, fontFiles: Object.values(FONT_FILES) };
    return new Resvg(svg, { font }).getBBox()?.width ?? 0;
  };
  return bar(text) - bar('');
}

describe('text width', () => {
  it.each<[string, number, FontWeight]>([
    ['accuracy', 11, 'regular'],
    ['deep-normal, step decay', 15, 'bold'],
    ['WWWiiii… 94.31 %', 20, 'regular'],
    ['größer × ≥ Ωж', 30, 'bold'],
  ])('of "%s" at %i px is the rendered one', (text, size, weight) => {
    expect(Math.abs(textWidth(text, size, weight) - renderedWidth(text, size, weight))).toBeLessThan(0.5);
  });

  it('is zero for an empty text, and grows with the font', () => {
    expect(textWidth('', 11)).toBe(0);
    expect(textWidth('ab', 22)).toBeCloseTo(2 * textWidth('ab', 11), 10);
  });

  it('counts a character outside the font as its empty box', () => {
    expect(textWidth('漢', 10)).toBeGreaterThan(0);
    expect(textWidth('😀', 10)).toBeGreaterThan(0);
  });
});

describe('shorten', () => {
  it('keeps what fits and otherwise both ends', () => {
    expect(shorten('short', 100, 11)).toBe('short');
    const result = shorten('run-of-the-first-day-with-a-seed-7', 120, 11);
    expect(result).toMatch(/^run-.*….*seed-7$/);
    expect(textWidth(result, 11)).toBeLessThanOrEqual(120);
    expect(textWidth(result, 11)).toBeGreaterThan(105);
  });

  it('ends in an ellipsis alone where nothing fits', () => {
    expect(shorten('word', 1, 11)).toBe('…');
  });
});
