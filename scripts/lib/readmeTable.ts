import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

const percent = (share: unknown): string => `${(Number(share) * 100).toFixed(2)} %`;

/** What the README says of each file in results/, in the order of the table. */
const ROWS: readonly { file: string; what: string; figure: (figures: Record<string, unknown>) => string }[] =
  [
    {
      file: 'wasm-slice',
      what: '`bench`, WebAssembly, 5,000 training images, 8 epochs: accuracy on 2,000 test images',
      figure: (figures) => percent(figures.accuracy),
    },
    {
      file: 'wasm-parity',
      what: 'WebAssembly against plain JavaScript: largest relative difference of any gradient, `bench` / `deep`',
      figure: (figures) => bothNets(figures, ({ worst }) => worst.relativeError.toExponential(1)),
    },
    {
      file: 'wasm-parity',
      what: 'the same: speed of training steps, `bench` / `deep`',
      figure: (figures) =>
        bothNets(figures, ({ imagesPerSecond }) => `${imagesPerSecond.ratio.toFixed(0)} ×`),
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

function everyCase(figures: Record<string, unknown>, figure: (engine: EngineCase) => string): string {
  return (figures.measured as EngineCase[])
    .map((engine) => `${engine.net} ${engine.precision} ${figure(engine)}`)
    .join(', ');
}

function bothNets(figures: Record<string, unknown>, figure: (net: ParityFigures) => string): string {
  return [figures.bench, figures.deep].map((net) => figure(net as ParityFigures)).join(' / ');
}

/** The README's table of results: a row for each figure whose file is in the folder, with the command that makes it. */
export function readmeTable(folder: string): string {
  const rows = ROWS.filter(({ file }) => existsSync(join(folder, `${file}.json`))).map(
    ({ file, what, figure }) => {
      const { command, figures } = JSON.parse(
        readFileSync(join(folder, `${file}.json`), 'utf8'),
      ) as ResultFile;
      return `| ${what} | **${figure(figures)}** | \`${command}\` |`;
    },
  );
  return ['| what | figure | command |', '|---|---|---|', ...rows].join('\n');
}

const BEGIN = /<!-- results:begin [^>]*-->\n/;
const END = '<!-- results:end -->';

/** The README with its table made anew. */
export function withTable(readme: string, table: string): string {
  const begin = BEGIN.exec(readme);
  const end = readme.indexOf(END);
  if (begin === null || end < begin.index)
    throw new Error(`README.md: the marks around its table of results are missing.`);
  return `${readme.slice(0, begin.index + begin[0].length)}${table}\n${readme.slice(end)}`;
}
