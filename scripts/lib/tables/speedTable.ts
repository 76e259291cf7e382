import { markdownTable } from './markdown.js';
import { processorName } from './processorName.js';
import { readResult } from './resultFile.js';

interface Ratio {
  ratio: number;
  ratios: number[];
}

/** A network beside another program, as results/peers.json holds it. */
interface Peer {
  net: string;
  program: string;
  version: string;
  precision: string;
  cpu: string;
  /** Of the processor, by oneDNN's name. */
  instructions: string;
  training: Ratio;
  inference: Ratio;
  command: string;
}

/** A network beside PyTorch 1.13, as scripts/bench-engine.ts keeps it. */
interface EngineCase {
  net: string;
  precision: string;
  trainingOverPyTorch: number;
  inference: { overPyTorch: number };
}

const PROGRAMS: Readonly<Record<string, string>> = { pytorch: 'PyTorch', keras: 'Keras' };

const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

function range({ ratio, ratios }: Ratio): string {
  return `**${times(ratio)}** (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

const instructionName = (name: string): string =>
  name.replace(/^avx512.*/, 'AVX-512').replace('avx2', 'AVX2');

function peerRows(folder: string): string[][] {
  const groups = readResult<Record<string, Record<string, Peer>>>(folder, 'peers')?.figures ?? {};
  const peers = Object.values(groups).flatMap((nets) => Object.values(nets));
  return peers.map(
    ({ net, program, version, precision, cpu, instructions, training, inference, command }) => [
      `\`${net}\``,
      `${PROGRAMS[program]} ${version.replace(/\+\w+/, '').replace(/ on .*/, '')}`,
      `${precision}, ${processorName(cpu)}, ${instructionName(instructions)}`,
      range(training),
      times(inference.ratio),
      `\`${command}\``,
    ],
  );
}

function engineRows(folder: string, name: string): string[][] {
  const result = readResult<{ measured: EngineCase[] }>(folder, name);
  if (result === undefined) return [];
  return result.figures.measured.map(({ net, precision, trainingOverPyTorch, inference }) => [
    `\`${net}\``,
    'PyTorch 1.13',
    `${precision}, ${processorName(result.machine.cpu)}`,
    `**${times(trainingOverPyTorch)}**`,
    times(inference.overPyTorch),
    `\`${result.command}\``,
  ]);
}

/** Training and inference beside other programs, newest first, as Markdown. */
export function speedTable(folder: string): string {
  const rows = [
    ...peerRows(folder).reverse(),
    ...engineRows(folder, 'engine-recipes'),
    ...engineRows(folder, 'engine'),
  ];
  const columns = ['network', 'beside', 'numbers, processor', 'training', 'inference', 'command'];
  return markdownTable(columns, rows);
}
