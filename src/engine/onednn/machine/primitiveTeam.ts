import { ArgumentSet } from '../ffi/argumentSet.js';
import { ARG } from '../ffi/enums.js';
import type { Native, Primitive } from '../ffi/primitive.js';
import { check } from '../ffi/status.js';
import { createStream } from '../ffi/stream.js';
import type { Kept } from '../memory/compiledCache.js';
import { type Address, Assembler, Label, R } from './assembler.js';
import type { ParallelCode } from './parallelCode.js';

/** What is executed: of each argument but the scratchpad the buffer of the first piece, and bytes from a piece's to that of the next. */
export interface Pieces {
  readonly buffers: readonly bigint[];
  readonly steps: readonly number[];
  readonly count: number;
}

/** What a thread has for itself. */
interface Member {
  readonly stream: bigint;
  readonly arguments: ArgumentSet;
}

/**
 * The code's argument, eight bytes each: the next piece that nobody has begun and how many there are; the next member and how many there are;
 * the status of a call that failed; two functions of the library, and the primitive. Then buffer and step of each argument but the scratchpad;
 * then of each member its stream, its memory objects, and its arguments as the library takes them.
 */
const [NEXT, COUNT, MEMBER, MEMBERS, STATUS, SET_BUFFER, EXECUTE, PRIMITIVE, BUFFERS] = [
  ...[0, 8, 16, 24, 32, 40, 48, 56, 64],
];
const BUFFER_BYTES = 16;
const memberBytes = (arguments_: number): number => 8 * (1 + 3 * arguments_);

/**
 * A primitive that was compiled for one thread, executed by all of them at once, each time on another piece. So threads wait for each other
 * once, not in each piece; in some of the library's kernels they would wait without ever letting another program have the core (scripts/LOG.md).
 */
export class PrimitiveTeam implements Kept {
  /** Memory that it keeps while it exists, estimated. */
  readonly bytes: number;
  readonly #members: Member[] = [];

  /** Takes over the primitive. @param threads that will execute it, about */
  constructor(
    private readonly native: Native,
    readonly primitive: Primitive,
    threads: number,
  ) {
    this.bytes = primitive.bytes * (1 + threads);
  }

  /** How many of the primitive's arguments have a buffer for each piece: all but the scratchpad. */
  get buffers(): number {
    const { descs } = this.primitive;
    return descs.size - (descs.has(ARG.scratchpad) ? 1 : 0);
  }

  /** Bytes of the code's argument. */
  tableBytes(threads: number): number {
    return BUFFERS + BUFFER_BYTES * this.buffers + threads * memberBytes(this.primitive.descs.size);
  }

  /**
   * @param code of `teamCode`
   * @param threads as many as OpenMP has
   * @param table where the code's argument may be written
   * @param scratchpads one for each thread, so many bytes apart
   */
  execute(
    code: ParallelCode,
    threads: number,
    { buffers, steps, count }: Pieces,
    table: bigint,
    scratchpads: { pointer: bigint; bytes: number },
  ): void {
    const { library } = this.native;
    const numbers = [
      ...[0, count, 0, threads, 0],
      ...[library.addressOf('dnnl_memory_set_data_handle'), library.addressOf('dnnl_primitive_execute')],
      this.primitive.handle,
      ...buffers.flatMap((buffer, i) => [buffer, steps[i]]),
    ];
    for (let i = 0; i < threads; i++) {
      const { stream, arguments: own } = this.#member(i);
      if (own.memories.length > buffers.length) {
        own.place(buffers.length, scratchpads.pointer + BigInt(i * scratchpads.bytes));
      }
      numbers.push(stream, ...own.memories, ...new BigUint64Array(own.packed.buffer));
    }
    const bytes = new Uint8Array(BigInt64Array.from(numbers.map(BigInt)).buffer);
    library.copyIn(table, bytes, bytes.length);
    code.run(table);
    const status = new Int32Array(1);
    library.copyOut(new Uint8Array(status.buffer), table + BigInt(STATUS), status.byteLength);
    check('dnnl_primitive_execute', status[0], this.primitive.implementation);
  }

  dispose(): void {
    const { common } = this.native.library;
    for (const { stream, arguments: own } of this.#members) {
      own.dispose();
      check('dnnl_stream_destroy', common.dnnl_stream_destroy(stream));
    }
    this.primitive.dispose();
  }

  #member(i: number): Member {
    const { native, primitive } = this;
    return (this.#members[i] ??= {
      stream: createStream(native.library, native.engine),
      arguments: new ArgumentSet(native, primitive.descs),
    });
  }
}

/** Code that takes piece after piece, until there is none. @param buffers how many of the primitive's arguments have one for each piece */
export function teamCode(buffers: number, arguments_: number): Uint8Array {
  const code = new Assembler();
  const [next, failed, end] = [new Label(), new Label(), new Label()];
  const at = (offset: number): Address => ({ base: R.rbx, offset });
  const own = (place: number): Address => ({ base: R.r15, offset: 8 * place });
  code.enter(0);
  code.move(R.rbx, R.rdi);
  code.moveInteger(R.rax, 1);
  code.exchangeAdd(at(MEMBER), R.rax);
  code.compare(R.rax, at(MEMBERS));
  code.jumpIf('notLess', end);
  code.multiplyInteger(R.r15, R.rax, memberBytes(arguments_));
  code.add(R.r15, R.rbx);
  code.addInteger(R.r15, BUFFERS + BUFFER_BYTES * buffers);
  code.place(next);
  code.moveInteger(R.r12, 1);
  code.exchangeAdd(at(NEXT), R.r12);
  code.compare(R.r12, at(COUNT));
  code.jumpIf('notLess', end);
  for (let i = 0; i < buffers; i++) {
    const buffer = BUFFERS + BUFFER_BYTES * i;
    code.move(R.rdi, own(1 + i));
    code.move(R.rsi, at(buffer + 8));
    code.multiply(R.rsi, R.r12);
    code.add(R.rsi, at(buffer));
    code.call(at(SET_BUFFER));
    code.testInt(R.rax);
    code.jumpIf('notEqual', failed);
  }
  code.move(R.rdi, at(PRIMITIVE));
  code.move(R.rsi, own(0));
  code.moveInteger(R.rdx, arguments_);
  code.address(R.rcx, own(1 + arguments_));
  code.call(at(EXECUTE));
  code.testInt(R.rax);
  code.jumpIf('notEqual', failed);
  code.jump(next);
  code.place(failed);
  code.storeInteger(at(STATUS), R.rax);
  code.place(end);
  code.leave();
  return code.finish();
}
