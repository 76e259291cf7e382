import { readFileSync } from 'node:fs';
import type { ComputeType } from './backend.js';

/** Features that decide how fast the library is, as /proc/cpuinfo names them. */
const relevant = ['avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16', 'asimd', 'bf16', 'sve'];

/** The CPU's vector features, where the system tells (Linux). */
export function cpuFeatures(): string[] {
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

/**
 * Whether the library has bf16 instructions to use. It computes with bf16 on any AVX-512 CPU, but by emulation, which is slower than f32.
 * @param instructionSet the library's own name of what it uses
 */
export function hasFastBf16(instructionSet: string): boolean {
  return /bf16|amx|avx10/.test(instructionSet);
}

/** What `auto` means on a CPU. */
export const automaticPrecision = (instructionSet: string): ComputeType =>
  hasFastBf16(instructionSet) ? 'bf16' : 'f32';
