import { readFileSync } from 'node:fs';
import type { Answer, Unanswered } from '../evaluation/answerPictures.js';
import { markPng, pngMark } from '../io/png.js';
import { type AnswerCard, GENERATOR, answerSheetHtml, answerSheetPng } from '../plots/answerCards.js';
import { writeFileAtomic } from '../util/files.js';
import { type Asked, folderClass, likeliest } from './predictOutput.js';

/** Draws pictures with their answers, the first of them where there are many. */
export function writeSheet(
  path: string,
  ending: '.png' | '.html',
  answers: readonly (Answer | Unanswered)[],
  asked: Asked,
  mostCards: number,
): void {
  const shown = answers.slice(0, mostCards);
  const { run, predictor } = asked;
  const views = predictor.views === 'none' ? 'one look at each' : `${predictor.views} views of each`;
  const [height, width] = predictor.dataset.imageShape;
  const few =
    shown.length < answers.length ? `the first ${shown.length} of ${answers.length} pictures, ` : '';
  const sheet = {
    title: `What ${run.name} says`,
    notes: [`${few}${views}; beside each picture the ${width}×${height} pixels that the network sees`],
    cards: shown.map((answer) => cardOf(answer, asked)),
  };
  if (ending === '.html') writeFileAtomic(path, answerSheetHtml(sheet));
  else writeFileAtomic(path, markPng(answerSheetPng(sheet), GENERATOR));
}

/** Whether a file is a sheet that was drawn here. */
export function isSheet(path: string): boolean {
  const bytes = readFileSync(path);
  return (
    pngMark(bytes) === GENERATOR ||
    bytes.toString('utf8', 0, 1000).includes(`<meta name="generator" content="${GENERATOR}">`)
  );
}

function cardOf(answer: Answer | Unanswered, asked: Asked): AnswerCard {
  const { name } = answer.source;
  const truth = folderClass(answer, asked);
  if ('reason' in answer) return { name, reason: answer.reason };
  const [height, width] = asked.predictor.dataset.imageShape;
  return {
    name,
    ...(truth !== undefined && { truth }),
    ...(answer.thumbnail && { thumbnail: answer.thumbnail }),
    seen: { rgb: answer.seen, width, height },
    classes: likeliest(answer, asked),
  };
}
