import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { VIEW_PRESETS, type ViewPreset } from '../dataset/views/presets.js';
import type { Answer, Unanswered } from '../evaluation/answerPictures.js';
import { FITS, type Fit } from '../pictures/fit.js';
import type { FoundPictures } from '../pictures/sources.js';
import { keptModel } from '../runs/keptModel.js';
import { type RunFolder, checkModel, findRun, listRuns, runNamed } from '../runs/runFolder.js';
import { CifarError, UsageError } from '../util/errors.js';
import { checkPlace } from '../util/files.js';
import { didYouMean } from '../util/suggest.js';
import { DATASET } from './data.js';
import { interruptible } from './interrupt.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { printProgress } from './output.js';
import { type OverwriteFlag, checkOverwriting, overwriteOption } from './overwrite.js';
import { MODEL_OPTIONS, type ModelOptions } from './runOptions.js';

type PredictOptions = ModelOptions & { fit: Fit; top: number };

const OPTIONS: Record<keyof PredictOptions, OptionSpec> = {
  fit: {
    type: 'choice',
    choices: FITS,
    default: 'crop',
    placeholder: 'how',
    description:
      'what becomes of a picture that is not square: its middle, the whole between bars, or distorted',
  },
  top: {
    type: 'integer',
    min: 1,
    max: DATASET.classNames.length,
    default: 3,
    placeholder: 'n',
    description: 'likeliest classes that are shown',
  },
  ...MODEL_OPTIONS,
};

interface PredictFlags extends Partial<PredictOptions>, OverwriteFlag {
  run?: string;
  tta?: ViewPreset | true;
  out?: string;
  json?: true;
  csv?: true;
}

/** Pictures of which a drawing has cards; of more it would be too large to open. */
const MOST_CARDS = { '.png': 120, '.html': 2000 } as const;
/** Largest side of a picture on a card. */
const THUMBNAIL = 112;

export function predictCommand(): Command {
  const command = new Command('predict')
    .description(
      'say what is on pictures of your own, and how sure that is. Without a run the network that comes with the program answers; no data set is needed',
    )
    .usage('[options] [run] <pictures...>')
    .argument(
      '<pictures...>',
      `files (JPEG, PNG, WebP, AVIF, GIF, TIFF), folders, http(s) addresses, - for standard input; the first may be a run`,
    )
    .option('--run <run>', "a run's folder, or its name in --models-dir")
    .option(
      '--tta [preset]',
      "average the answers to several views of each picture: flip or multicrop; without a value the run's own",
      viewPreset,
    )
    .option('--json', 'print the answers as JSON')
    .option('--csv', 'print the answers as CSV')
    .option('-o, --out <path>', 'draw the pictures with their answers: sheet.png or sheet.html')
    .addOption(overwriteOption());
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar predict photo.jpg', 'the network that comes with the program'],
    ['cifar predict fast94-s1 photos --tta', "one of yours, and its views of each of a folder's pictures"],
    ['cifar predict photos --out sheet.html', 'to look at'],
    ['cifar predict mine --csv > mine.csv', 'in folders named cat, dog, …: how many are right, too'],
  );
  return command.action((names: string[], flags: PredictFlags) =>
    interruptible(async (signal) => {
      const options = optionValues<PredictOptions>(OPTIONS, flags);
      if (flags.json === true && flags.csv === true) {
        throw new UsageError('--json and --csv are two forms of the same: leave one out.');
      }
      const { run, pictures } = runAndPictures(names, flags.run, options.modelsDir);
      checkModel(run, options.weights);
      const ending = sheetEnding(flags);
      if (flags.out !== undefined) {
        const { isSheet } = await import('./predictSheet.js');
        checkOverwriting(flags.out, flags, isSheet);
        checkPlace('--out', flags.out);
      }
      const { findPictures } = await import('../pictures/sources.js');
      const found = findPictures(pictures);
      checkFound(found, pictures);
      hintAtRun(pictures[0], flags.run, options.modelsDir);
      const { openEngine } = await import('../runs/openEngine.js');
      const { Predictor } = await import('../evaluation/predictor.js');
      const { answerPictures } = await import('../evaluation/answerPictures.js');
      const engine = await openEngine(options);
      printProgress(`Backend ${engine.name}: ${engine.why}`);
      const views = flags.tta === true ? 'own' : (flags.tta ?? 'none');
      const predictor = await Predictor.open(run, DATASET, { weights: options.weights, views });
      try {
        const cards = ending === undefined ? 0 : MOST_CARDS[ending];
        const thumbnail = (place: number): number => (place < cards ? THUMBNAIL : 0);
        const answers: (Answer | Unanswered)[] = [];
        for await (const answer of answerPictures(predictor, found.sources, {
          fit: options.fit,
          thumbnail,
          signal,
        })) {
          if ('reason' in answer) printProgress(`${answer.source.name}: ${answer.reason}.`);
          answers.push(answer);
          if (answers.length % 1000 === 0)
            printProgress(`${answers.length} of ${found.sources.length} pictures`);
        }
        const asked = { run, engine: engine.name, predictor, ...options };
        const { printAnswers, printAnswersCsv, printAnswersJson } = await import('./predictOutput.js');
        if (flags.json) printAnswersJson(answers, asked);
        else if (flags.csv) printAnswersCsv(answers, asked);
        else printAnswers(answers, asked);
        if (flags.out !== undefined && ending !== undefined) {
          const { writeSheet } = await import('./predictSheet.js');
          writeSheet(flags.out, ending, answers, asked, cards);
          printProgress(`Pictures with answers: ${flags.out}`);
        }
        checkAnswered(answers);
      } finally {
        predictor.dispose();
      }
    }),
  );
}

function viewPreset(text: string): ViewPreset {
  if (Object.hasOwn(VIEW_PRESETS, text)) return text as ViewPreset;
  throw new InvalidArgumentError(
    `Expected one of ${Object.keys(VIEW_PRESETS).join(', ')}; a picture after --tta is taken for its value: put --tta last, or write --tta=multicrop.`,
  );
}

/** The first argument is the run, if it is one. */
function runAndPictures(
  names: readonly string[],
  run: string | undefined,
  modelsDir: string,
): { run: RunFolder; pictures: readonly string[] } {
  if (run !== undefined) return { run: findRun(run, modelsDir), pictures: names };
  const first = runNamed(names[0], modelsDir);
  if (first === undefined) return { run: keptModel(), pictures: names };
  if (names.length === 1) {
    throw new UsageError(
      `${names[0]} is a run: give pictures after it, or --run ${names[0]} before pictures.`,
    );
  }
  return { run: first, pictures: names.slice(1) };
}

function sheetEnding({ out }: PredictFlags): keyof typeof MOST_CARDS | undefined {
  if (out === undefined) return undefined;
  const ending = extname(out).toLowerCase();
  if (!Object.hasOwn(MOST_CARDS, ending)) {
    throw new UsageError(`--out: expected a name that ends in .png or .html, got "${out}".`);
  }
  return ending as keyof typeof MOST_CARDS;
}

/** A first argument that is neither a run nor a file may be a run's name, misspelt. */
function hintAtRun(first: string, run: string | undefined, modelsDir: string): void {
  if (run !== undefined || first === '-' || /[/\\.:]/.test(first) || existsSync(first)) return;
  const hint = didYouMean(first, listRuns(modelsDir));
  if (hint !== '') printProgress(`${first} is neither a picture nor a run in ${modelsDir}/.${hint}`);
}

/** @throws UsageError when there is nothing to answer */
function checkFound({ sources, otherFiles }: FoundPictures, names: readonly string[]): void {
  if (otherFiles > 0)
    printProgress(`${otherFiles} other files there are left out: their names are not those of pictures.`);
  if (sources.length === 0) throw new UsageError(`There are no pictures in ${names.join(', ')}.`);
}

/** @throws CifarError when some could not be answered */
function checkAnswered(answers: readonly (Answer | Unanswered)[]): void {
  const broken = answers.filter((answer) => 'reason' in answer);
  if (broken.length === 0) return;
  const which =
    broken.length === 1 ? broken[0].source.name : `${broken.length} of ${answers.length} pictures`;
  throw new CifarError(
    `${which} could not be read (see above)${answers.length > broken.length ? '; the others are answered' : ''}.`,
  );
}
