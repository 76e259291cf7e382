import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What was found out about this machine once and need not be found out again, by what it was found out of. */
export interface MachineMemory {
  /** Undefined for what is not known. */
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** So many answers are kept, the latest. */
const MOST = 50;

/** The user's own folder for what can be made again, as each system has it. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== '') return join(XDG_CACHE_HOME, 'cifar');
  if (process.platform === 'win32' && LOCALAPPDATA !== undefined) return join(LOCALAPPDATA, 'cifar', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'cifar');
  return join(homedir(), '.cache', 'cifar');
}

/** A memory in a file; one that cannot be read or written only forgets. */
export function fileMemory(path = join(cacheFolder(), 'machine.json')): MachineMemory {
  const all = (): Record<string, unknown> => {
    try {
      const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
      return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
        ? (parsed as Record<string, unknown>)
        : {};
    } catch {
      return {};
    }
  };
  return {
    get: (key) => all()[key],
    set: (key, value) => {
      const others = Object.entries(all()).filter(([other]) => other !== key);
      const latest = [...others, [key, value] as const].slice(-MOST);
      const part = `${path}.${process.pid}.part`;
      try {
        // One by one: Node's own way to make several never returns where a folder cannot be made, under /proc for instance.
        for (const folder of [dirname(dirname(path)), dirname(path)]) {
          if (!existsSync(folder)) mkdirSync(folder);
        }
        writeFileSync(part, `${JSON.stringify(Object.fromEntries(latest), null, 2)}\n`);
        renameSync(part, path);
      } catch {
        try {
          rmSync(part, { force: true });
        } catch {
          // Nothing could be written there, so nothing is left.
        }
      }
    },
  };
}
