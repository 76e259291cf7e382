import { canRunCode } from '../machine/parallelCode.js';
import { makeAbi2 } from './abi2.js';
import { makeAbi3 } from './abi3.js';
import { channelBlockOf } from './channelBlock.js';
import { Descriptors } from './descriptors.js';
import { created } from './handles.js';
import type { NativeLibrary } from './library.js';
import type { Native } from './primitive.js';
import { check } from './status.js';
import { createStream } from './stream.js';

const cpuEngine = 1;

/** Opens a CPU engine with its stream. The result owns both, until `closeNative`. */
export function openNative(library: NativeLibrary): Native {
  const { common, versioned } = library;
  // The library's own cache of 1024 would keep what ours has disposed of.
  check('dnnl_set_primitive_cache_capacity', common.dnnl_set_primitive_cache_capacity(0));
  const engine = created((out) =>
    check('dnnl_engine_create', common.dnnl_engine_create(out, cpuEngine, 0), 'CPU engine'),
  );
  const stream = createStream(library, engine);
  const abi =
    versioned.major === 2
      ? makeAbi2(library, versioned.symbols, engine)
      : makeAbi3(library, versioned.symbols, engine);
  const code = common.dnnl_get_effective_cpu_isa();
  const instructionSet = abi.isaNames[code] ?? `0x${code.toString(16)}`;
  const descriptors = new Descriptors(abi, channelBlockOf(instructionSet));
  return { library, engine, stream, abi, instructionSet, descriptors, canRunCode: canRunCode(library) };
}

/** Closes what `openNative` opened. Its primitives and memory must have been disposed of before. */
export function closeNative({ library, engine, stream, descriptors }: Native): void {
  descriptors.dispose();
  check('dnnl_stream_destroy', library.common.dnnl_stream_destroy(stream));
  check('dnnl_engine_destroy', library.common.dnnl_engine_destroy(engine));
}
