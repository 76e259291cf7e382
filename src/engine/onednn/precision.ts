import type { ComputeType } from './backend.js';

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
