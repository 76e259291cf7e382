/** A processor's name as readers know it, from what the system calls it. */
export const processorName = (cpu: string): string => cpu.replace(/\((R|TM)\)| Processor/g, '');
