import { percent } from '../../../src/util/percent.js';
import { markdownTable } from './markdown.js';
import { readResult } from './resultFile.js';

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

const loss = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(3));

/** The article's rows beside ours, as Markdown; undefined as long as none has been run to its end. */
export function articleTable(folder: string): string | undefined {
  const result = readResult<{ rows: ArticleRow[] }>(folder, 'article');
  if (result === undefined) return undefined;
  const rows = result.figures.rows.map((row) => {
    const { title, published, epochs, seed, precision, petaflop, sharedWith, command } = row;
    const difference = 100 * (row.accuracy - published.accuracy);
    const shared = sharedWith === undefined ? '' : ` (the first epochs are those of ${sharedWith})`;
    return [
      title,
      `${loss(published.loss)}, ${percent(published.accuracy)}`,
      `${loss(row.loss)}, **${percent(row.accuracy)}**`,
      `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(2)}`,
      `${epochs} epochs, seed ${seed}, ${precision}, ${petaflop.toPrecision(3)} PFLOP${shared}`,
      `\`${command}\``,
    ];
  });
  const columns = ['experiment', 'published: loss, accuracy', 'ours', 'points', 'how', 'command'];
  return markdownTable(columns, rows);
}
