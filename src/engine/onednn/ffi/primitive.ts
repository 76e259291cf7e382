import type { Abi, Operation, PostOp } from './abi.js';
import { ArgumentSet } from './argumentSet.js';
import type { Descriptors } from './descriptors.js';
import { ARG, queries } from './enums.js';
import { created, OutPointer } from './handles.js';
import { keptBytes } from './keptBytes.js';
import type { NativeLibrary } from './library.js';
import type { MemoryDesc } from './memoryDesc.js';
import { check } from './status.js';

/** The open library: engine, stream, ABI, descriptors. */
export interface Native {
  readonly library: NativeLibrary;
  readonly engine: bigint;
  readonly stream: bigint;
  readonly abi: Abi;
  /** What the library uses of the processor, by its own name. */
  readonly instructionSet: string;
  /** Whether machine code of this program's own can run beside it. */
  readonly canRunCode: boolean;
  readonly descriptors: Descriptors;
}

const scratchpadModeUser = 1;

/**
 * A compiled operation and the memory objects of its arguments. It owns its handles until `dispose`.
 * Buffers are given at each execution; the scratchpad is an argument like the others.
 */
export class Primitive {
  readonly #native: Native;
  readonly handle: bigint;
  /** Layouts by argument, in the order of execution, scratchpad last. */
  readonly descs: ReadonlyMap<number, MemoryDesc>;
  readonly #arguments: ArgumentSet;
  /** The library's name of the chosen implementation, such as `brgconv:avx512_core_bf16`. */
  readonly implementation: string;
  readonly scratchpadBytes: number;
  /** Memory that it keeps while it exists, estimated; scratchpad and workspace are the caller's. */
  readonly bytes: number;
  /** Bytes of each argument, in the order of execution, scratchpad last. */
  readonly argumentBytes: readonly number[];

  /** Takes over `primitiveDesc`. @param args the arguments it will be executed with, in this order */
  constructor(
    native: Native,
    readonly kind: Operation['kind'],
    primitiveDesc: bigint,
    args: readonly number[],
  ) {
    const { library, descriptors } = native;
    this.#native = native;
    try {
      const scratchpad = descriptors.argument(primitiveDesc, ARG.scratchpad);
      const all = scratchpad === null ? args : [...args, ARG.scratchpad];
      const descs = all.map((arg) => {
        const desc = descriptors.argument(primitiveDesc, arg);
        if (desc === null) throw new TypeError(`a primitive has no argument ${arg}`);
        return desc;
      });
      this.descs = new Map(all.map((arg, index) => [arg, descs[index]]));
      this.argumentBytes = descs.map(({ bytes }) => bytes);
      this.scratchpadBytes = scratchpad?.bytes ?? 0;
      this.bytes = keptBytes(kind, all.length);
      this.implementation = implementationName(library, primitiveDesc);
      this.handle = created((out) =>
        check('dnnl_primitive_create', library.common.dnnl_primitive_create(out, primitiveDesc)),
      );
      this.#arguments = new ArgumentSet(native, this.descs);
    } finally {
      check('dnnl_primitive_desc_destroy', library.common.dnnl_primitive_desc_destroy(primitiveDesc));
    }
  }

  /** The layout in which the primitive takes or gives an argument. */
  desc(arg: number): MemoryDesc {
    const desc = this.descs.get(arg);
    if (desc === undefined) throw new TypeError(`a primitive has no argument ${arg}`);
    return desc;
  }

  /** Runs it to its end. @param buffers addresses in the order of the constructor's `args`, scratchpad last */
  execute(buffers: readonly bigint[]): void {
    const { library, stream } = this.#native;
    const { common } = library;
    const { memories, packed } = this.#arguments;
    for (let index = 0; index < memories.length; index++) this.#arguments.place(index, buffers[index]);
    check(
      'dnnl_primitive_execute',
      common.dnnl_primitive_execute(this.handle, stream, memories.length, packed),
      this.implementation,
    );
    check('dnnl_stream_wait', common.dnnl_stream_wait(stream));
  }

  dispose(): void {
    const { common } = this.#native.library;
    this.#arguments.dispose();
    check('dnnl_primitive_destroy', common.dnnl_primitive_destroy(this.handle));
  }
}

function implementationName(library: NativeLibrary, primitiveDesc: bigint): string {
  const out = new OutPointer();
  const status = library.common.dnnl_primitive_desc_query(
    primitiveDesc,
    queries.implementation,
    0,
    out.bytes,
  );
  check('dnnl_primitive_desc_query', status);
  return library.text(out.value);
}

/** A primitive descriptor for `operation`. @throws StatusError */
export function createPrimitiveDesc(
  native: Native,
  operation: Operation,
  postOps: readonly PostOp[] = [],
  hint = 0n,
): bigint {
  const { common } = native.library;
  const attributes = created((out) =>
    check('dnnl_primitive_attr_create', common.dnnl_primitive_attr_create(out)),
  );
  try {
    check(
      'dnnl_primitive_attr_set_scratchpad_mode',
      common.dnnl_primitive_attr_set_scratchpad_mode(attributes, scratchpadModeUser),
    );
    if (postOps.length > 0) setPostOps(native, attributes, postOps);
    return native.abi.primitiveDesc(operation, attributes, hint);
  } finally {
    check('dnnl_primitive_attr_destroy', common.dnnl_primitive_attr_destroy(attributes));
  }
}

function setPostOps({ library, abi }: Native, attributes: bigint, postOps: readonly PostOp[]): void {
  const { common } = library;
  const chain = created((out) => check('dnnl_post_ops_create', common.dnnl_post_ops_create(out)));
  try {
    for (const postOp of postOps) abi.appendPostOp(chain, postOp);
    check('dnnl_primitive_attr_set_post_ops', common.dnnl_primitive_attr_set_post_ops(attributes, chain));
  } finally {
    check('dnnl_post_ops_destroy', common.dnnl_post_ops_destroy(chain));
  }
}
