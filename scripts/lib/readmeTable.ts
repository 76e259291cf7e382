import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHOWN, probabilityAtThreshold, summarize } from '../../src/experiments/significance.js';
import { percent } from '../../src/util/percent.js';
import { mean } from '../../src/util/statistics.js';

interface ResultFile {
  command: string;
  machine: { cpu: string; cores: number };
  figures: Record<string, unknown>;
}

interface ParityFigures {
  worst: { relativeError: number };
  imagesPerSecond: { ratio: number };
}

interface AugmentCase {
  preset: string;
  workers: number;
  imagesPerSecond: number;
}

interface EngineCase {
  net: string;
  precision: string;
  trainingOverPyTorch: number;
  shareOfLimit: number;
}

interface SizeCase {
  side: number;
  timeOverFirst: number;
  shareOfLimit: number;
}

interface RecipeFigures {
  runs: { ttaAccuracy: number }[];
  accuracy: { mean: number };
  trainingSeconds: number;
  petaflop: number;
  ensemble: { accuracy: number; trainingSeconds: number };
}

interface Row {
  file: string;
  what: string;
  figure: (figures: Record<string, unknown>) => string;
  /** Where the file's one command did not make all of them. */
  commands?: (figures: Record<string, unknown>) => string[];
}

/** What a recipe's mean is held against. */
const THRESHOLDS: Readonly<Record<string, number>> = {
  ...{ fast94: 0.94, 'fast94-sgd': 0.94, 'fast94-muon': 0.94 },
  ...{ fast95: 0.95, fast: 0.9507, fast96: 0.96 },
};

/** Mean and deviation of seeds, the interval of the true mean, and whether it is above a threshold. */
function spreadText(accuracies: readonly number[], threshold: number): string {
  const { count, mean, deviation, interval } = summarize(accuracies);
  if (deviation === null || interval === null) return `${percent(mean)} (1 seed)`;
  const [low, high] = interval.map((bound) => (100 * bound).toFixed(2));
  const p = probabilityAtThreshold(accuracies, threshold);
  const isShown = p !== null && p < SHOWN;
  const judged = `above ${percent(threshold)} ${isShown ? 'shown' : 'not shown'}, p = ${(p ?? 1).toPrecision(2)}`;
  return `${percent(mean)} ± ${(100 * deviation).toFixed(2)} (${count} seeds; true mean ${low}–${high} %; ${judged})`;
}

/** Accuracy, time and arithmetic of a recipe, and of its seeds averaged. */
function recipeRows(recipe: string): Row[] {
  const of = (figures: Record<string, unknown>): RecipeFigures => figures as unknown as RecipeFigures;
  const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;
  return [
    {
      file: recipe,
      what: `recipe \`${recipe}\`, bf16 on two cores: test accuracy with its six views, mean ± deviation between seeds, 95 % interval of the true mean (Student), and whether that is above the accuracy that the recipe is for (one-sided p < .01); one training's time and arithmetic`,
      figure: (figures) => {
        const { runs, trainingSeconds, petaflop } = of(figures);
        const accuracies = runs.map(({ ttaAccuracy }) => ttaAccuracy);
        return `${spreadText(accuracies, THRESHOLDS[recipe])}, ${minutes(trainingSeconds)}, ${petaflop.toPrecision(2)} PFLOP`;
      },
    },
    {
      file: recipe,
      what: 'the same: one pass an image; all seeds averaged',
      figure: (figures) => {
        const { runs, accuracy, ensemble } = of(figures);
        const all =
          runs.length > 1 ? `; ${percent(ensemble.accuracy)} in ${minutes(ensemble.trainingSeconds)}` : '';
        return `${percent(accuracy.mean)}${all}`;
      },
    },
  ];
}

/** What the README says of each file in results/, in the order of the table. */
const ROWS: readonly Row[] = [
  ...['fast94', 'fast94-muon', 'fast', 'fast96', 'fast94-sgd', 'fast95'].flatMap(recipeRows),
  {
    file: 'peers',
    what: 'training beside today’s programs, each at its fastest of eager, compiled, jemalloc and passive waiting, on the processor named: images a second over its own',
    figure: peersText,
    commands: (figures) => {
      const groups = Object.values(figures as Record<string, Record<string, { command: string }>>);
      return groups.flatMap((nets) => Object.values(nets).map(({ command }) => command));
    },
  },
  {
    file: 'sizes',
    what: 'a training step on smaller images (`--image-sizes`), on the processor named: time over that of 32 pixels; share of the speed of its bare convolutions and matrix products',
    figure: (figures) =>
      Object.entries(figures as Record<string, { sides: SizeCase[] }>)
        .map(([key, { sides }]) => `${key}: ${sides.map(sizeText).join(', ')}`)
        .join('; '),
  },
  {
    file: 'engine-recipes',
    what: 'training the recipes’ networks on two cores, bf16, each at its batch, on all images of it: images a second over PyTorch 1.13 (CPU, the faster of its modes)',
    figure: (figures) =>
      everyCase(figures, ({ trainingOverPyTorch }) => `${trainingOverPyTorch.toFixed(2)} ×`),
  },
  {
    file: 'bench-normal-bf16',
    what: '`bench`, `normal`, 12 epochs, one-cycle, oneDNN in bf16: test accuracy',
    figure: (figures) => percent(Number(figures.accuracy)),
  },
  {
    file: 'bench-normal-f32',
    what: 'the same in f32',
    figure: (figures) => percent(Number(figures.accuracy)),
  },
  {
    file: 'bench-none-bf16',
    what: '`bench`, no augmentation, 25 epochs, one-cycle, bf16: test accuracy',
    figure: (figures) => percent(Number(figures.accuracy)),
  },
  {
    file: 'flat-memory',
    what: 'oneDNN, training of `deep` in bf16, batch 500: resident memory at its peak; native handles, native memory and tensors over the steps',
    figure: ({ peakBytes, isFlat, steps }) =>
      `${(Number(peakBytes) / 2 ** 30).toFixed(2)} GiB; ${isFlat === true ? 'flat' : 'not flat'} over ${String(steps)} steps`,
  },
  {
    file: 'browser',
    what: 'the kept model in Chromium, opened by stock tfjs: accuracy on test images, largest difference of a probability from here',
    figure: ({ accuracy, images, largestDifference }) =>
      `${percent(Number(accuracy))} of ${String(images)}, ${Number(largestDifference).toExponential(1)}`,
  },
  {
    file: 'calibration',
    what: 'how far the certainty of a recipe’s networks is off the share that is right on the test set, as trained → at its temperature: one look, six views (means of the seeds), all seeds averaged',
    figure: (figures) =>
      calibrated(figures)
        .map(([recipe, { onTest }]) => {
          const roads = [onTest.single, onTest.views, [onTest.ensemble]];
          const errors = roads.map(
            (road) => `${meanError(road, 'trained')} → ${meanError(road, 'calibrated')}`,
          );
          return `${recipe} (${onTest.single.length}) ${errors.join('; ')}`;
        })
        .join('. '),
  },
  {
    file: 'calibration',
    what: 'a recipe trained on four fifths of the training images: accuracy on the other 10,000, by which nothing was chosen, with its six views (mean of so many seeds), and of the same networks on the test set',
    figure: (figures) =>
      calibrated(figures)
        .map(([recipe, { heldOut, onTest }]) => {
          const accuracies = heldOut.runs.map(({ views }) => views.accuracy);
          const test = onTest.views.map(({ accuracy }) => accuracy);
          return `${recipe} (${accuracies.length}) ${percent(mean(accuracies))} and ${percent(mean(test))}`;
        })
        .join(', '),
  },
  {
    file: 'exchange',
    what: 'exported models in onnxruntime, Keras 3, Keras 2 and PyTorch; Keras’s models here: largest difference of a probability',
    figure: (groups) =>
      ['onnx', 'keras', 'keras-h5', 'safetensors', 'keras import']
        .map((name) => largest(groups[name] as Record<string, unknown>))
        .join(', '),
  },
  {
    file: 'predict',
    what: 'the test images as PNG files, asked by `cifar predict`: probabilities that differ from those of `evaluate`; time of one answer from a cold start',
    figure: ({ images, probabilitiesThatDiffer, coldStartSeconds }) =>
      `${String(probabilitiesThatDiffer)} of ${String(images)} images; ${Number(coldStartSeconds).toFixed(1)} s`,
  },
  {
    file: 'wasm-slice',
    what: '`bench`, WebAssembly, 5,000 training images, 8 epochs: accuracy on 2,000 test images',
    figure: (figures) => percent(Number(figures.accuracy)),
  },
  {
    file: 'wasm-parity',
    what: 'WebAssembly against plain JavaScript: largest relative difference of any gradient, `bench` / `deep`',
    figure: (figures) => bothNets(figures, ({ worst }) => worst.relativeError.toExponential(1)),
  },
  {
    file: 'wasm-parity',
    what: 'the same: speed of training steps, `bench` / `deep`',
    figure: (figures) => bothNets(figures, ({ imagesPerSecond }) => `${imagesPerSecond.ratio.toFixed(0)} ×`),
  },
  {
    file: 'engine',
    what: 'oneDNN, training at batch 500 on two cores: images a second over PyTorch 1.13 (CPU, the faster of its modes)',
    figure: (figures) =>
      everyCase(figures, ({ trainingOverPyTorch }) => `${trainingOverPyTorch.toFixed(2)} ×`),
  },
  {
    file: 'engine',
    what: 'the same: share of the speed of its bare convolutions and matrix products',
    figure: (figures) => everyCase(figures, ({ shareOfLimit }) => shareOfLimit.toFixed(2)),
  },
  {
    file: 'augment',
    what: 'augmentation `strong`, one thread: images a second',
    figure: (figures) => {
      const strong = (figures.cases as AugmentCase[]).find(
        ({ preset, workers }) => preset === 'strong' && workers === 1,
      );
      return strong === undefined ? '–' : strong.imagesPerSecond.toLocaleString('en');
    },
  },
];

interface Worth {
  accuracy: number;
  trained: { expectedError: number };
  calibrated: { expectedError: number };
}

/** A recipe's part of results/calibration.json. */
interface Calibrated {
  heldOut: { runs: { views: Worth }[] };
  onTest: { single: Worth[]; views: Worth[]; ensemble: Worth };
}

/** Those that have been looked at on the test set, too. */
const calibrated = (figures: Record<string, unknown>): [string, Calibrated][] =>
  Object.entries(figures as Record<string, Calibrated>).filter(
    ([, { onTest }]) => (onTest as unknown) !== undefined,
  );

const meanError = (road: readonly Worth[], which: 'trained' | 'calibrated'): string =>
  percent(mean(road.map((worth) => worth[which].expectedError)), 1);

function largest(differences: Record<string, unknown>): string {
  const all = Object.values(differences).map((one) =>
    typeof one === 'number' ? one : (one as { largestDifference: number }).largestDifference,
  );
  return Math.max(...all).toExponential(1);
}

function everyCase(figures: Record<string, unknown>, figure: (engine: EngineCase) => string): string {
  return (figures.measured as EngineCase[])
    .map((engine) => `${engine.net} ${engine.precision} ${figure(engine)}`)
    .join(', ');
}

const sizeText = ({ side, timeOverFirst, shareOfLimit }: SizeCase): string =>
  `${side} pixels ${timeOverFirst.toFixed(2)}, ${shareOfLimit.toFixed(2)}`;

/** For each program, precision and processor the ratios of the nets. */
function peersText(figures: Record<string, unknown>): string {
  const groups = Object.entries(figures as Record<string, Record<string, { training: { ratio: number } }>>);
  return groups
    .map(([key, nets]) => {
      const ratios = Object.entries(nets).map(
        ([net, { training }]) => `${net} ${training.ratio.toFixed(2)} ×`,
      );
      return `${key}: ${ratios.join(', ')}`;
    })
    .join('; ');
}

function bothNets(figures: Record<string, unknown>, figure: (net: ParityFigures) => string): string {
  return [figures.bench, figures.deep].map((net) => figure(net as ParityFigures)).join(' / ');
}

/** The README's own rows: what most want to know. */
function isMain({ file, what }: Row): boolean {
  if (file === 'engine-recipes' || file === 'peers' || file === 'fast94-muon') return true;
  return (file === 'fast' || file === 'fast96') && what.startsWith('recipe');
}

/**
 * A table of results: a row for each figure whose file is in the folder, with the command that makes it.
 * @param which the README's few rows, or all
 */
export function readmeTable(folder: string, which: 'main' | 'all'): string {
  const wanted = which === 'all' ? ROWS : ROWS.filter(isMain);
  const rows = wanted
    .filter(({ file }) => existsSync(join(folder, `${file}.json`)))
    .map(({ file, what, figure, commands }) => {
      const { command, figures } = JSON.parse(
        readFileSync(join(folder, `${file}.json`), 'utf8'),
      ) as ResultFile;
      const all = new Set(commands?.(figures) ?? [command]);
      const code = [...all].map((one) => `\`${one}\``).join(', ');
      return `| ${what} | **${figure(figures)}** | ${code} |`;
    });
  return ['| what | figure | command |', '|---|---|---|', ...rows].join('\n');
}

/** A document with its table made anew. @param mark what the comments around it are named */
export function withTable(readme: string, table: string, mark = 'results'): string {
  const begin = new RegExp(`<!-- ${mark}:begin [^>]*-->\\n`).exec(readme);
  const end = readme.indexOf(`<!-- ${mark}:end -->`);
  if (begin === null || end < begin.index) {
    throw new Error(`The marks around the table of ${mark} are missing.`);
  }
  return `${readme.slice(0, begin.index + begin[0].length)}${table}\n${readme.slice(end)}`;
}
