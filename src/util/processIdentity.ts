import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from './errors.js';

/** What tells a process from every other, also from a later one that gets its number. */
export interface ProcessIdentity {
  host: string;
  /** Changes when the machine starts anew; empty where the system does not say. */
  boot: string;
  /** The view of processes that a container has of its own; empty where the system does not say. */
  namespace: string;
  pid: number;
  /** When it began, in the system's own unit; empty where the system does not say. */
  started: string;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function namespaceId(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

const bootId = (): string => readText('/proc/sys/kernel/random/boot_id');

/** The 22nd field of /proc/<pid>/stat; the second, the command's name, may hold blanks and brackets. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  return { host: hostname(), boot: bootId(), namespace: namespaceId(), pid, started: startOf(pid) };
}

/** Whether a process still runs; undefined when that cannot be seen from here, since it is another machine's. */
export function isRunning({ host, boot, namespace, pid, started }: ProcessIdentity): boolean | undefined {
  if (host !== hostname()) return undefined;
  if (boot !== bootId()) return false;
  // Of a container of the same name: its numbers are not ours.
  if (namespace !== namespaceId()) return undefined;
  if (started !== '') return startOf(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, and is somebody else's.
    return codeOf(error) === 'EPERM';
  }
}
