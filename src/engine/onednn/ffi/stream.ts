import { created } from './handles.js';
import type { NativeLibrary } from './library.js';
import { check } from './status.js';

const inOrderStream = 1;

/** A stream of an engine, to be used by one thread at a time. The caller owns it. */
export function createStream({ common }: NativeLibrary, engine: bigint): bigint {
  return created((out) => check('dnnl_stream_create', common.dnnl_stream_create(out, engine, inOrderStream)));
}
