import type { Config, TopLevelSpec } from 'vega-lite';
import { FONT_FAMILY, shorten } from './font.js';

export const FONT_SIZE = { title: 15, subtitle: 12, panel: 13, label: 11 } as const;

export const INK = { text: '#222222', faint: '#666666', grid: '#e4e4e4' } as const;

/**
 * Twelve colours that stay apart on white, also for most colour-blind readers: the first eight alternate in
 * lightness as well as in hue.
 */
export const PALETTE = [
  '#0060ad',
  '#e07b00',
  '#1a7f37',
  '#c2185b',
  '#56b4e9',
  '#6f42c1',
  '#a6761d',
  '#00a08a',
  '#7f7f7f',
  '#d4a800',
  '#111111',
  '#ff8fb1',
] as const;

/** The look that all charts share. */
export const THEME: Config = {
  background: '#ffffff',
  padding: 14,
  font: FONT_FAMILY,
  view: { stroke: '#bbbbbb' },
  title: {
    anchor: 'start',
    fontSize: FONT_SIZE.panel,
    fontWeight: 'bold',
    color: INK.text,
    subtitleFontSize: FONT_SIZE.subtitle,
    subtitleColor: INK.faint,
    subtitlePadding: 4,
    offset: 10,
  },
  axis: {
    labelFontSize: FONT_SIZE.label,
    titleFontSize: FONT_SIZE.label,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelFlush: false,
    labelColor: INK.text,
    titleColor: INK.text,
    gridColor: INK.grid,
    domainColor: '#888888',
    tickColor: '#888888',
  },
  legend: {
    labelFontSize: FONT_SIZE.label,
    titleFontSize: FONT_SIZE.label,
    titleFontWeight: 'normal',
    labelColor: INK.text,
    titleColor: INK.text,
    symbolStrokeWidth: 3,
    symbolSize: 220,
    // The widths are measured, so nothing needs to be cut short to be safe.
    labelLimit: 0,
    titleLimit: 0,
  },
};

/**
 * The heading of a whole chart.
 * @param width pixels that the chart is sure to have; a longer title is shortened
 */
export function chartTitle(title: string, width: number, subtitle = ''): NonNullable<TopLevelSpec['title']> {
  return {
    text: shorten(title, width, FONT_SIZE.title, 'bold'),
    ...(subtitle === '' ? {} : { subtitle: shorten(subtitle, width, FONT_SIZE.subtitle) }),
    fontSize: FONT_SIZE.title,
    offset: 16,
  };
}
