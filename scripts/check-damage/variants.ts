import { Rng } from '../../src/util/rng.js';

/** Ways to damage a file; every variant is a function of (seed, its number). */
export function damaged(bytes: Uint8Array, isJson: boolean, seed: number, index: number): Buffer {
  const rng = new Rng(seed, index);
  if (isJson && rng.uint32() % 2 === 0) {
    const changed = damagedJson(bytes, rng);
    if (changed !== undefined) return changed;
  }
  const buffer = Buffer.from(bytes);
  // Most of a file of weights is weights: half of the damage is done to its first kilobyte.
  const range = rng.uint32() % 2 === 0 ? Math.min(1024, buffer.length) : buffer.length;
  const at = below(rng, range);
  const length = 1 + below(rng, 40);
  switch (below(rng, 9)) {
    case 0:
      buffer[at] ^= 1 << below(rng, 8);
      return buffer;
    case 1:
      buffer[at] = below(rng, 256);
      return buffer;
    case 2:
      return buffer.subarray(0, at);
    case 3:
      return Buffer.concat([buffer.subarray(0, at), buffer.subarray(Math.min(buffer.length, at + length))]);
    case 4:
      return Buffer.concat([buffer.subarray(0, at + length), buffer.subarray(at)]);
    case 5:
      return Buffer.concat([buffer, Buffer.from(pick(rng, TAILS))]);
    case 6:
      return Buffer.concat([buffer.subarray(0, at), Buffer.from(pick(rng, INSERTS)), buffer.subarray(at)]);
    case 7:
      return Buffer.concat([Buffer.from(pick(rng, HEADS)), buffer]);
    default:
      buffer.fill(below(rng, 2) * 255, at, Math.min(buffer.length, at + length));
      return buffer;
  }
}

const TAILS = ['\n', 'null\n', '{}\n', '\u0000', 'x'.repeat(5000), '[]'];
const INSERTS = ['\u001b[2J', '"', '{', '}', ',', ':', '\n', '9', '-', '.', 'e9', '\u0000', ' ', '[['];
const HEADS = ['\ufeff', '\u00ff\u00fe', '\n', '{', '\u0000'];

/** A JSON text with one of its values replaced, or one of its keys renamed or left out. */
function damagedJson(bytes: Uint8Array, rng: Rng): Buffer | undefined {
  let root: unknown;
  const text = Buffer.from(bytes).toString('utf8');
  const lines = text.trimEnd().split('\n');
  const isLines = lines.length > 1 && lines.every((line) => line.startsWith('{') && line.endsWith('}'));
  const row = isLines ? below(rng, lines.length) : 0;
  try {
    root = JSON.parse(isLines ? lines[row] : text);
  } catch {
    return undefined;
  }
  const places: [Record<string, unknown>, string][] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  if (places.length === 0 || below(rng, 30) === 0) root = strange(rng);
  else {
    const [holder, key] = places[below(rng, places.length)];
    const what = below(rng, 6);
    if (what === 0 && !Array.isArray(holder)) {
      holder[`${key}x`] = holder[key];
      delete holder[key];
    } else if (what === 1) delete holder[key];
    else if (what === 2 && typeof holder[key] === 'string') holder[key] = `${holder[key]}9`;
    else if (what === 3 && typeof holder[key] === 'number') holder[key] *= pick(rng, [-1, 0, 0.5, 10, 1e9]);
    else holder[key] = strange(rng);
  }
  const changed = JSON.stringify(root) ?? 'null';
  if (!isLines) return Buffer.from(changed);
  lines[row] = changed;
  return Buffer.from(`${lines.join('\n')}\n`);
}

function strange(rng: Rng): unknown {
  return pick(rng, [
    ...[null, true, 0, -1, 0.5, 1e308, '', 'x', '../../etc/passwd', '\u001b[31m', 'y'.repeat(4000)],
    ...[[], {}, [[]], { toString: 1 }, JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as unknown],
  ]);
}

function pick<T>(rng: Rng, values: readonly T[]): T {
  return values[below(rng, values.length)];
}

function below(rng: Rng, count: number): number {
  return count === 0 ? 0 : rng.uint32() % count;
}
