/** Kinds of primitives that weigh in a training step. */
const KINDS = ['convolution', 'matmul', 'inner_product'];

/**
 * Which kernels of oneDNN a program ran, from what ONEDNN_VERBOSE=1 makes it print.
 * @returns for each kind and direction the implementations, with how many milliseconds each took
 */
export function kernelsOf(output: string): Record<string, Record<string, number>> {
  const kernels: Record<string, Record<string, number>> = {};
  for (const line of output.split('\n')) {
    if (!/^(onednn|dnnl)_verbose,/.test(line)) continue;
    const fields = line.split(',');
    const at = fields.indexOf('exec');
    if (at < 0) continue;
    const [, kind, implementation, direction] = fields.slice(at + 1);
    if (!KINDS.includes(kind)) continue;
    const of = (kernels[direction === 'undef' ? kind : `${kind} ${direction}`] ??= {});
    const milliseconds = Number(fields.at(-1));
    of[implementation] = Number(((of[implementation] ?? 0) + milliseconds).toFixed(1));
  }
  return kernels;
}
