/** Reads damaged variants from a number on, and reports a line of JSON for each. */
import { readFileSync } from 'node:fs';
import { EngineError } from '../../src/engine/errors.js';
import { CifarError } from '../../src/util/errors.js';
import { oneLine } from '../../src/util/text.js';
import { type Kind, kinds, restore } from './readers.js';
import { damaged } from './variants.js';

const [seed, from, to] = process.argv.slice(2).map(Number);
const all = await kinds();
const schedule = all.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
const good = new Map(all.map((kind) => [kind, readFileSync(kind.path)]));

for (let index = from; index < to; index++) {
  const kind = schedule[index % schedule.length];
  const original = good.get(kind) as Buffer;
  process.stdout.write(`${JSON.stringify({ index, kind: kind.name })}\n`);
  const outcome = await outcomeOf(kind, damaged(original, kind.isJson, seed, index), index);
  restore(kind.path, original);
  process.stdout.write(
    `${JSON.stringify({ index, kind: kind.name, ...outcome, rss: process.memoryUsage.rss() })}\n`,
  );
}

async function outcomeOf(
  kind: Kind,
  bytes: Buffer,
  index: number,
): Promise<{ outcome: string; text?: string }> {
  restore(kind.path, bytes);
  try {
    await kind.read(index);
    return { outcome: 'read' };
  } catch (error) {
    if (!(error instanceof CifarError) && !(error instanceof EngineError)) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { outcome: 'stack', text: text.slice(0, 1500) };
    }
    // As it is printed; what names no file is no help.
    const text = oneLine(error.message);
    const ours = text.replace(/does not describe a usable model: .*/, '');
    const isClear = text.length <= 1300 && !/\bundefined\b|\[object /.test(ours);
    return isClear ? { outcome: 'refused', text: text.slice(0, 300) } : { outcome: 'unclear', text };
  }
}
process.exit(0);
