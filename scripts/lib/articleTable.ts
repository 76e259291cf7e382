import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of the article as results/article.json holds it. */
export interface ArticleRow {
  id: string;
  title: string;
  published: { loss?: number; accuracy: number };
  /** Of the last epoch on all test images. */
  loss?: number;
  accuracy: number;
  epochs: number;
  seed: number;
  precision: string;
  seconds: number;
  petaflop: number;
  /** Epochs that another row trained, and what they took, counted there. */
  sharedWith?: string;
  command: string;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const loss = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(3));

/** The article's rows beside ours, as Markdown; undefined as long as none has been run to its end. */
export function articleTable(folder: string): string | undefined {
  const path = join(folder, 'article.json');
  if (!existsSync(path)) return undefined;
  const { figures } = JSON.parse(readFileSync(path, 'utf8')) as { figures: { rows: ArticleRow[] } };
  const lines = figures.rows.map((row) => {
    const difference = 100 * (row.accuracy - row.published.accuracy);
    return `| ${row.title} | ${loss(row.published.loss)}, ${percent(row.published.accuracy)} | ${loss(row.loss)}, **${percent(row.accuracy)}** | ${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(2)} | ${row.epochs} epochs, seed ${row.seed}, ${row.precision}, ${row.petaflop.toPrecision(3)} PFLOP${row.sharedWith === undefined ? '' : ` (the first epochs are those of ${row.sharedWith})`} | \`${row.command}\` |`;
  });
  return [
    '| experiment | published: loss, accuracy | ours | points | how | command |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
