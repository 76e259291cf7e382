import { StatusError } from '../errors.js';

const names: Readonly<Record<number, string>> = {
  1: 'out_of_memory',
  2: 'invalid_arguments',
  3: 'unimplemented',
  4: 'iterator_ends',
  5: 'runtime_error',
  6: 'not_required',
  7: 'invalid_graph',
  8: 'invalid_graph_op',
  9: 'invalid_shape',
  10: 'invalid_data_type',
};

/** `unimplemented`: the library has no kernel for this combination of types and layouts. */
export const UNIMPLEMENTED = 3;

/** Throws unless the status is success. @param detail what the call was about: operation, shapes */
export function check(call: string, status: number, detail?: string): void {
  if (status !== 0) throw new StatusError(call, status, names[status] ?? 'unknown status', detail);
}
