/** A processor's name as readers know it, from what the system calls it. */
export const processorName = (cpu: string): string => cpu.replace(/\((R|TM)\)| Processor/g, '');

/** The same with its instructions. @param instructions by oneDNN's name */
export const processorOf = ({ cpu, instructions }: { cpu: string; instructions: string }): string =>
  `${processorName(cpu)}, ${instructionName(instructions)}`;

const instructionName = (name: string): string =>
  name
    .replace('avx512_core_bf16', 'AVX-512 with bf16')
    .replace(/^avx512_.*/, 'AVX-512')
    .replace('avx2', 'AVX2');
