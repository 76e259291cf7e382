import { markdownTable } from './markdown.js';
import { processorOf } from './processorName.js';
import { type Ratio, range } from './ratio.js';
import { casesOf } from './resultFile.js';

/** A network beside a program that only predicts, as results/inference.json holds it. */
interface Case extends Ratio {
  net: string;
  program: string;
  version: string;
  /** What we compute in, and they. */
  precision: string;
  peerPrecision: string;
  cpu: string;
  /** Of the processor, by oneDNN's name. */
  instructions: string;
  imagesPerSecond: number;
  peerImagesPerSecond: number;
  command: string;
}

/** Inference beside programs made for it, newest first, as Markdown; undefined before the first is measured. */
export function inferenceTable(folder: string): string | undefined {
  const cases = casesOf<Case>(folder, 'inference');
  if (cases === undefined) return undefined;
  const rows = cases.toReversed().map((one) => {
    const { net, program, version, precision, peerPrecision, command } = one;
    const numbers = precision === peerPrecision ? precision : `${precision}, theirs ${peerPrecision}`;
    return [
      `\`${net}\``,
      `${program} ${version}`,
      `${numbers}, ${processorOf(one)}`,
      range(one),
      `${Math.round(one.imagesPerSecond)} beside ${Math.round(one.peerImagesPerSecond)}`,
      `\`${command}\``,
    ];
  });
  const columns = ['network', 'beside', 'numbers, processor', 'inference', 'images/s', 'command'];
  return markdownTable(columns, rows);
}
