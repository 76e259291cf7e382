import type { Answer, Unanswered } from '../evaluation/answerPictures.js';
import { confusionMatrix } from '../evaluation/metrics.js';
import { type RankedClass, ranked } from '../evaluation/ranked.js';
import type { Predictor } from '../evaluation/predictor.js';
import type { RunFolder } from '../runs/runFolder.js';
import { percent } from '../util/percent.js';
import { formatTable, print, printConfusion, printJson } from './output.js';

/** What was asked, and of whom. */
export interface Asked {
  run: RunFolder;
  weights: 'last' | 'best';
  engine: string;
  predictor: Predictor;
  /** Likeliest classes that are shown. */
  top: number;
}

/** The likeliest classes that were asked for. */
export function likeliest({ probabilities }: Answer, { predictor, top }: Asked): RankedClass[] {
  return ranked(probabilities, predictor.dataset.classNames, top);
}

/** The class that a picture's folder is named by, in whatever letters; undefined when it is named by none. */
export function folderClass({ source }: Answer | Unanswered, { predictor }: Asked): string | undefined {
  const folder = source.folder?.toLowerCase();
  return predictor.dataset.classNames.find((name) => name.toLowerCase() === folder);
}

const NAME_WIDTH = 48;

/** A name in a table: its end says more than its beginning. */
function shortName(name: string): string {
  const characters = [...name.replaceAll('\n', '\\n')];
  return characters.length <= NAME_WIDTH
    ? characters.join('')
    : `…${characters.slice(1 - NAME_WIDTH).join('')}`;
}

/** A table of the likeliest classes, and how many pictures in folders named by a class are right. */
export function printAnswers(answers: readonly (Answer | Unanswered)[], asked: Asked): void {
  const rows = answers.map((answer) => {
    const name = shortName(answer.source.name);
    if ('reason' in answer) return [name, 'not read', ...new Array<string>(asked.top - 1).fill('')];
    return [name, ...likeliest(answer, asked).map((one) => `${one.class} ${percent(one.probability, 1)}`)];
  });
  const header = ['picture', 'likeliest', ...Array.from({ length: asked.top - 1 }, (_, i) => `${i + 2}.`)];
  for (const line of formatTable(header, rows)) print(line);
  const confusion = confusionOf(answers, asked);
  if (confusion === undefined) return;
  print();
  print(
    `accuracy ${percent(confusion.accuracy)} on the ${confusion.pictures} pictures in folders named by a class`,
  );
  printConfusion(confusion.counts, asked.predictor.dataset.classNames);
}

export function printAnswersJson(answers: readonly (Answer | Unanswered)[], asked: Asked): void {
  const { run, weights, engine, predictor } = asked;
  const confusion = confusionOf(answers, asked);
  printJson({
    run: run.name,
    weights,
    backend: engine,
    views: predictor.views,
    temperature: predictor.temperature,
    answers: answers.map((answer) => {
      const folder = folderClass(answer, asked);
      const named = { picture: answer.source.name, ...(folder !== undefined && { folderClass: folder }) };
      if ('reason' in answer) return { ...named, error: answer.reason };
      const { width, height } = answer;
      return { ...named, width, height, classes: likeliest(answer, asked) };
    }),
    ...(confusion && {
      accuracy: confusion.accuracy,
      pictures: confusion.pictures,
      confusion: confusion.counts,
    }),
  });
}

/** As RFC 4180 has it, and such that no spreadsheet takes a name for a formula. */
export function printAnswersCsv(answers: readonly (Answer | Unanswered)[], asked: Asked): void {
  const classes = Array.from({ length: asked.top }, (_, i) => [
    `class${i + 1}`,
    `probability${i + 1}`,
  ]).flat();
  const lines = [['picture', 'folderClass', ...classes, 'error']];
  for (const answer of answers) {
    const named = [harmless(answer.source.name), folderClass(answer, asked) ?? ''];
    if ('reason' in answer) lines.push([...named, ...classes.map(() => ''), answer.reason]);
    else {
      const cells = likeliest(answer, asked).flatMap((one) => [one.class, String(one.probability)]);
      lines.push([...named, ...cells, '']);
    }
  }
  process.stdout.write(lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join(''));
}

/** The same file by a name that spreadsheets read as text. */
const harmless = (name: string): string => (/^[=+\-@\t\r]/.test(name) && name !== '-' ? `./${name}` : name);

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Of the pictures in folders named by a class. */
function confusionOf(
  answers: readonly (Answer | Unanswered)[],
  asked: Asked,
): { counts: number[][]; accuracy: number; pictures: number } | undefined {
  const { classNames } = asked.predictor.dataset;
  const labelled = answers.flatMap((answer) => {
    const folder = folderClass(answer, asked);
    if ('reason' in answer || folder === undefined) return [];
    const [best] = likeliest(answer, asked);
    return { label: classNames.indexOf(folder), answer: classNames.indexOf(best.class) };
  });
  if (labelled.length === 0) return undefined;
  const counts = confusionMatrix(
    Uint8Array.from(labelled, ({ answer }) => answer),
    Uint8Array.from(labelled, ({ label }) => label),
    classNames.length,
  );
  const right = labelled.filter(({ label, answer }) => label === answer).length;
  return { counts, accuracy: right / labelled.length, pictures: labelled.length };
}
