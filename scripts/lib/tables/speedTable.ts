import { markdownTable } from './markdown.js';
import { processorName, processorOf } from './processorName.js';
import { type Ratio, range, times } from './ratio.js';
import { casesOf, readResult } from './resultFile.js';

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

function peerRow(peer: Peer): string[] {
  const { net, program, version, precision, training, inference, command } = peer;
  return [
    `\`${net}\``,
    `${PROGRAMS[program]} ${version.replace(/\+\w+/, '').replace(/ on .*/, '')}`,
    `${precision}, ${processorOf(peer)}`,
    range(training),
    times(inference.ratio),
    `\`${command}\``,
  ];
}

/** Those of a file, without what has been measured beside a program of today. */
function engineRows(folder: string, name: string, newer: readonly Peer[]): string[][] {
  const result = readResult<{ measured: EngineCase[] }>(folder, name);
  if (result === undefined) return [];
  const isNewest = ({ net, precision }: EngineCase): boolean =>
    !newer.some((peer) => peer.net === net && peer.precision === precision);
  return result.figures.measured
    .filter(isNewest)
    .map(({ net, precision, trainingOverPyTorch, inference }) => [
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
  const peers = casesOf<Peer>(folder, 'peers') ?? [];
  const rows = [
    ...peers.toReversed().map(peerRow),
    ...engineRows(folder, 'engine-recipes', peers),
    ...engineRows(folder, 'engine', peers),
  ];
  const columns = ['network', 'beside', 'numbers, processor', 'training', 'inference', 'command'];
  return markdownTable(columns, rows);
}
