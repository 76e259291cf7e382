import { createRequire } from 'node:module';
import type * as resvgPackage from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { CifarError, messageOf } from '../util/errors.js';
import { FONT_FILES, textWidth } from './font.js';
import { THEME } from './theme.js';
import type { Picture } from './types.js';

/** Pixels of the PNG for one unit of the drawing. */
export const PNG_SCALE = 2;

interface MeasuredText {
  fontSize?: number;
  fontWeight?: string | number;
  /** Greatest width, pixels; 0: any. */
  limit?: number;
}

/** The part of vega's scene graph that its type declarations leave out. */
interface TextMetrics {
  width(item: MeasuredText, text: unknown): number;
}

// Without a canvas vega guesses 0.8 em a character, half as much again as the real width, and lays out legends by it.
const { textMetrics } = vega as unknown as { textMetrics: TextMetrics };
textMetrics.width = (item, text) => {
  const weight = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600 ? 'bold' : 'regular';
  const shown = typeof text === 'string' ? text.trim() : typeof text === 'number' ? String(text) : '';
  const width = textWidth(shown, item.fontSize ?? 11, weight);
  return item.limit !== undefined && item.limit > 0 ? Math.min(width, item.limit) : width;
};

/** Keeps what vega would print. */
function collectingLogger(problems: string[]): vega.LoggerInterface {
  const keep = (...args: readonly unknown[]): vega.LoggerInterface => {
    problems.push(args.map((arg) => (arg instanceof Error ? arg.message : String(arg))).join(' '));
    return logger;
  };
  const drop = (): vega.LoggerInterface => logger;
  const level = ((value?: number) =>
    value === undefined ? vega.Warn : logger) as vega.LoggerInterface['level'];
  const logger: vega.LoggerInterface = { level, error: keep, warn: keep, info: drop, debug: drop };
  return logger;
}

/**
 * Draws a vega-lite chart. Nothing is printed: what vega warns about is a fault in the chart and thrown.
 * @throws Error with vega's messages
 */
export async function chartToSvg(spec: TopLevelSpec): Promise<string> {
  const problems: string[] = [];
  const logger = collectingLogger(problems);
  const refuse = (): void => {
    if (problems.length > 0) throw new Error(`The chart cannot be drawn: ${problems.join('; ')}.`);
  };
  const compiled = compile(spec, { config: THEME, logger });
  refuse();
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logger });
  try {
    const svg = await view.toSVG();
    refuse();
    return svg;
  } finally {
    view.finalize();
  }
}

/**
 * The pixels of a drawing, as the content of a PNG file, drawn with the fonts that come with the program.
 * @param scale pixels for one unit of the drawing
 * @throws CifarError where the package that draws is not whole
 */
export function svgToPng(svg: string, scale: number = PNG_SCALE): Uint8Array {
  const { Resvg } = loadResvg();
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: Object.values(FONT_FILES),
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
    // Nearest neighbour, which resvg does not take from the style that tells browsers so.
    imageRendering: 1,
    logLevel: 'off',
  });
  return resvg.render().asPng();
}

/** It is native code, in a package of its own for each platform, which an installation may have left out. */
function loadResvg(): typeof resvgPackage {
  try {
    return createRequire(import.meta.url)('@resvg/resvg-js') as typeof resvgPackage;
  } catch (error) {
    throw new CifarError(
      `Pictures need the package @resvg/resvg-js for this platform, which cannot be loaded (${messageOf(error).split('\n')[0]}): install with optional packages (npm install --include=optional).`,
      { cause: error },
    );
  }
}

/** Draws a vega-lite chart in both forms. */
export async function renderChart(spec: TopLevelSpec): Promise<Picture> {
  const svg = await chartToSvg(spec);
  return { svg, png: svgToPng(svg) };
}
