import type { OneDnnBackend } from '../../src/engine/onednn/backend.js';
import { Primitive } from '../../src/engine/onednn/ffi/primitive.js';
import type { PrimitiveTeam } from '../../src/engine/onednn/machine/primitiveTeam.js';
import type { Block } from '../../src/engine/onednn/memory/memoryPool.js';

const arithmetic = new Set<Primitive['kind']>([
  'convolution',
  'convolutionBackwardData',
  'convolutionBackwardWeights',
  'matmul',
]);

/** What a step ran, and on how many pieces. */
interface Executed {
  readonly executed: Primitive | PrimitiveTeam;
  readonly times: number;
}

const primitiveOf = (executed: Primitive | PrimitiveTeam): Primitive =>
  executed instanceof Primitive ? executed : executed.primitive;

/**
 * The time of a training step's convolutions and matrix products alone: the very primitives of the step, run one after
 * another on buffers that are there already, nothing between them.
 */
export class BareLimit {
  private constructor(
    private readonly backend: OneDnnBackend,
    private readonly all: readonly Executed[],
    private readonly buffers: readonly Block[],
  ) {}

  static async record(backend: OneDnnBackend, step: () => Promise<unknown>): Promise<BareLimit> {
    const all: Executed[] = [];
    backend.onExecute = (executed, times) => {
      if (arithmetic.has(primitiveOf(executed).kind)) all.push({ executed, times });
    };
    await step();
    backend.onExecute = null;
    const bytesOf = ({ executed, times }: Executed): number[] =>
      primitiveOf(executed).argumentBytes.map((bytes) => times * bytes);
    const sizes = all.map(bytesOf);
    const count = Math.max(...sizes.map(({ length }) => length));
    const buffers = Array.from({ length: count }, (_, index) => {
      const block = backend.allocate(Math.max(...sizes.map((bytes) => bytes[index] ?? 0)));
      fill(backend, block);
      return block;
    });
    return new BareLimit(backend, all, buffers);
  }

  /** Seconds of all, and by kind. */
  run(): { seconds: number; byKind: Record<string, number> } {
    const byKind: Record<string, number> = {};
    let seconds = 0;
    for (const one of this.all) {
      const { kind } = primitiveOf(one.executed);
      const start = performance.now();
      this.#execute(one);
      const spent = (performance.now() - start) / 1000;
      byKind[kind] = (byKind[kind] ?? 0) + spent;
      seconds += spent;
    }
    return { seconds, byKind };
  }

  #execute({ executed, times }: Executed): void {
    const pointers = this.buffers.map(({ pointer }) => pointer);
    if (executed instanceof Primitive) {
      executed.execute(pointers);
      return;
    }
    const steps = executed.primitive.argumentBytes.slice(0, executed.buffers);
    this.backend.executeTeam(executed, { buffers: pointers.slice(0, steps.length), steps, count: times });
  }
}

/** Numbers of size 1 to 2 and either sign, read as bf16 or as f32: zeros would be cheaper to multiply. */
function fill(backend: OneDnnBackend, { pointer, bytes }: Block): void {
  const piece = new Uint16Array(2 ** 19);
  let state = 1;
  for (let i = 0; i < piece.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    piece[i] = 0x3f80 | ((state >>> 16) & 0x807f);
  }
  const view = new Uint8Array(piece.buffer);
  for (let at = 0; at < bytes; at += view.length) {
    const length = Math.min(view.length, bytes - at);
    backend.native.library.copyIn(pointer + BigInt(at), view, length);
  }
}
