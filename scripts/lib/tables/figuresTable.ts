import { percent } from '../../../src/util/percent.js';
import { markdownTable } from './markdown.js';
import { readResult } from './resultFile.js';
import type { RecipeTime } from './stepMinutes.js';

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
  shareOfLimit: number;
}

interface SizeCase {
  side: number;
  timeOverFirst: number;
  shareOfLimit: number;
}

interface FitCase {
  model: string;
  imagesPerSecond: number;
  overWasm: number | string;
}

interface Row {
  file: string;
  what: string;
  figure: (figures: Record<string, unknown>) => string;
}

/** What is said of each file in results/ that has no table of its own, in the order of the table. */
const ROWS: readonly Row[] = [
  {
    file: 'sizes',
    what: 'a training step on smaller images (`--image-sizes`), on the processor named: time over that of 32 pixels; share of the speed of its bare convolutions and matrix products',
    figure: (figures) =>
      Object.entries(figures as Record<string, { sides: SizeCase[] }>)
        .map(([key, { sides }]) => `${key}: ${sides.map(sizeText).join(', ')}`)
        .join('; '),
  },
  {
    file: 'recipe-times',
    what: 'the steps of a training by one recipe, beside those of another on the processor named, in turn: time, over the last one’s',
    figure: (figures) =>
      Object.entries(figures as Record<string, RecipeTime[]>)
        .map(([key, recipes]) => `${key}: ${recipes.map(recipeText).join(', ')}`)
        .join('; '),
  },
  {
    file: 'fit',
    what: '`model.fit` on models of stock layers by oneDNN in f32: images a second, and times those of tfjs’s WebAssembly backend where that can train them',
    figure: ({ measured }) => (measured as FitCase[]).map(fitText).join('; '),
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
    what: 'oneDNN, training at batch 500 on two cores: share of the speed of its bare convolutions and matrix products',
    figure: everyShare,
  },
  {
    file: 'memory',
    what: 'training in bf16: the most memory that the process holds, in GB',
    figure: (figures) =>
      Object.entries(figures)
        .map(([what, gigabytes]) => `${what} ${Number(gigabytes).toFixed(1)}`)
        .join(', '),
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

function largest(differences: Record<string, unknown>): string {
  const all = Object.values(differences).map((one) =>
    typeof one === 'number' ? one : (one as { largestDifference: number }).largestDifference,
  );
  return Math.max(...all).toExponential(1);
}

function everyShare(figures: Record<string, unknown>): string {
  return (figures.measured as EngineCase[])
    .map(({ net, precision, shareOfLimit }) => `${net} ${precision} ${shareOfLimit.toFixed(2)}`)
    .join(', ');
}

const sizeText = ({ side, timeOverFirst, shareOfLimit }: SizeCase): string =>
  `${side} pixels ${timeOverFirst.toFixed(2)}, ${shareOfLimit.toFixed(2)}`;

const fitText = ({ model, imagesPerSecond, overWasm }: FitCase): string =>
  `${model} ${imagesPerSecond}${typeof overWasm === 'number' ? `, ${overWasm.toFixed(1)} ×` : ''}`;

const recipeText = ({ recipe, minutes, overLast }: RecipeTime): string =>
  `${recipe} ${minutes.toFixed(1)} min, ${overLast.toFixed(2)}`;

function bothNets(figures: Record<string, unknown>, figure: (net: ParityFigures) => string): string {
  return [figures.bench, figures.deep].map((net) => figure(net as ParityFigures)).join(' / ');
}

/** A row for each figure whose file is in the folder, with the command that makes it, as Markdown. */
export function figuresTable(folder: string): string {
  const rows = ROWS.flatMap(({ file, what, figure }) => {
    const result = readResult<Record<string, unknown>>(folder, file);
    return result === undefined ? [] : [[what, `**${figure(result.figures)}**`, `\`${result.command}\``]];
  });
  return markdownTable(['what', 'figure', 'command'], rows);
}
