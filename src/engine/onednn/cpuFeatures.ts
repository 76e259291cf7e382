import { readFileSync } from 'node:fs';

/** Features that decide how fast the library is, as /proc/cpuinfo names them. */
const relevant = ['avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16', 'asimd', 'bf16', 'sve'];

let known: readonly string[] | undefined;

/** The CPU's vector features, where the system tells (Linux). */
export const cpuFeatures = (): readonly string[] => (known ??= readFeatures());

function readFeatures(): string[] {
  let text: string;
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return [];
  }
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1] ?? '';
  const flags = new Set(line.trim().split(/\s+/));
  return relevant.filter((name) => flags.has(name));
}
