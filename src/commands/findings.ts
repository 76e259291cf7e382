import type { ReproducedRow } from '../config/article.js';
import { FINDINGS, type Finding, type LessonSize, TRIAL, gainOf } from '../config/lesson.js';
import { grouped } from '../util/grouped.js';
import { percent } from '../util/percent.js';
import { mean, sampleDeviation } from '../util/statistics.js';

const valueOf = ({ in: figure }: Finding, value: number): string =>
  figure === 'loss' ? value.toFixed(3) : percent(value);

/** What a lesson can be expected to show, from the trial that is kept. */
export function expectations({ limitTrain, epochs }: Pick<LessonSize, 'limitTrain' | 'epochs'>): string[] {
  const { size, gains } = TRIAL;
  const tried = `${gains[0].length} seeds, ${grouped(size.limitTrain)} images and ${size.epochs} epochs`;
  const isOther = limitTrain !== size.limitTrain || epochs !== size.epochs;
  return [
    `Expected from a trial (${tried}${isOther ? '; not tried at this size' : ''}):`,
    ...FINDINGS.map((finding, i) => {
      const [gain, deviation] = [mean(gains[i]), sampleDeviation(gains[i])];
      const figure = (value: number): string =>
        finding.in === 'loss' ? value.toFixed(3) : (100 * value).toFixed(1);
      const worth = gain > 2 * deviation ? 'it shows' : 'it may not show';
      const unit = finding.in === 'loss' ? 'off the loss' : 'points of accuracy';
      return `  ${finding.title}: ${worth} (${figure(gain)} ± ${figure(deviation)} ${unit})`;
    }),
  ];
}

/** What of the article's findings the rows show. */
export function findingLines(
  rows: readonly ReproducedRow[],
  size: Pick<LessonSize, 'limitTrain' | 'epochs'>,
): string[] {
  const shown = FINDINGS.flatMap((finding) => {
    const [without, withIt] = finding.rows.map(
      (id) => rows.find((row) => row.id === id)?.measured?.[finding.in],
    );
    if (without === undefined || withIt === undefined) return [];
    const change = `${finding.in} ${valueOf(finding, without)} → ${valueOf(finding, withIt)}`;
    return [`  ${finding.title}: ${gainOf(finding, without, withIt) > 0 ? 'yes' : 'not here'}, ${change}`];
  });
  return ['', 'The article’s findings, in these rows:', ...shown, ...expectations(size)];
}
