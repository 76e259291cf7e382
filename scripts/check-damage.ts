/**
 * Reads thousands of damaged variants of every file that the program reads, as its commands read them: each must be
 * refused in one sentence, or be read as what it says; never a stack, a hang, or memory without bound.
 *
 *   npx tsx scripts/check-damage.ts [--count 10000] [--seed 1] [--save]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { writeResults } from './lib/results.js';

/** A variant that takes longer hangs. */
const PATIENCE_MS = 60_000;
const MEMORY_BYTES = 3 * 2 ** 30;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);

interface Line {
  index: number;
  kind: string;
  outcome?: string;
  text?: string;
  rss?: number;
}

const table = new Map<string, Record<string, number>>();
const faults: Line[] = [];
const examples = new Map<string, string>();
let mostMemory = 0;

function tell(line: Line): void {
  const row = table.get(line.kind) ?? {
    variants: 0,
    read: 0,
    refused: 0,
    unclear: 0,
    stack: 0,
    hang: 0,
    memory: 0,
  };
  row.variants++;
  row[line.outcome ?? 'hang']++;
  table.set(line.kind, row);
  mostMemory = Math.max(mostMemory, line.rss ?? 0);
  if (line.outcome === 'refused' && !examples.has(line.kind)) examples.set(line.kind, line.text ?? '');
  if (!['read', 'refused'].includes(line.outcome ?? '')) {
    faults.push(line);
    console.error(`${line.index} ${line.kind}: ${line.outcome} ${line.text ?? ''}`);
  }
}

/** Runs variants from a number on in a process of their own; where it went on to, which is after a hang less than all. */
async function work(from: number): Promise<number> {
  const worker = join(import.meta.dirname, 'check-damage/worker.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', worker, values.seed, String(from), String(count)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let pending: Line | undefined;
  let next = from;
  let timer: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  };
  watch();
  for await (const text of createInterface({ input: child.stdout })) {
    watch();
    const line = JSON.parse(text) as Line;
    if (line.outcome === undefined) {
      pending = line;
      continue;
    }
    pending = undefined;
    next = line.index + 1;
    tell((line.rss ?? 0) > MEMORY_BYTES ? { ...line, outcome: 'memory' } : line);
    if ((line.rss ?? 0) > MEMORY_BYTES) child.kill('SIGKILL');
  }
  clearTimeout(timer);
  if (pending !== undefined) {
    tell({ ...pending, outcome: 'hang' });
    next = pending.index + 1;
  } else if (next === from) throw new Error('The worker did not start.');
  return next;
}

for (let next = 0; next < count;) next = await work(next);
for (const [kind, row] of table) console.log(kind, JSON.stringify(row));
console.log(`${count} variants, ${faults.length} faults, ${Math.round(mostMemory / 2 ** 20)} MiB at most`);
if (values.save) {
  console.log(
    writeResults('damage', {
      seed: Number(values.seed),
      variants: count,
      faults: faults.length,
      mostMiB: Math.round(mostMemory / 2 ** 20),
      kinds: Object.fromEntries(table),
      examples: Object.fromEntries(examples),
    }),
  );
}
process.exitCode = faults.length === 0 ? 0 : 1;
