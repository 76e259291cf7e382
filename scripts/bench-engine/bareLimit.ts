import type { OneDnnBackend } from '../../src/engine/onednn/backend.js';
import type { Primitive } from '../../src/engine/onednn/ffi/primitive.js';
import type { Block } from '../../src/engine/onednn/memory/memoryPool.js';

const arithmetic = new Set<Primitive['kind']>([
  'convolution',
  'convolutionBackwardData',
  'convolutionBackwardWeights',
  'matmul',
]);

/**
 * The time of a training step's convolutions and matrix products alone: the very primitives of the step, run one after
 * another on buffers that are there already, nothing between them.
 */
export class BareLimit {
  private constructor(
    private readonly primitives: readonly Primitive[],
    private readonly buffers: readonly Block[],
  ) {}

  static async record(backend: OneDnnBackend, step: () => Promise<unknown>): Promise<BareLimit> {
    const primitives: Primitive[] = [];
    backend.onExecute = (primitive) => {
      if (arithmetic.has(primitive.kind)) primitives.push(primitive);
    };
    await step();
    backend.onExecute = null;
    const count = Math.max(...primitives.map(({ argumentBytes }) => argumentBytes.length));
    const buffers = Array.from({ length: count }, (_, index) => {
      const bytes = Math.max(...primitives.map(({ argumentBytes }) => argumentBytes[index] ?? 0));
      const block = backend.allocate(bytes);
      fill(backend, block);
      return block;
    });
    return new BareLimit(primitives, buffers);
  }

  /** Seconds of all, and by kind. */
  run(): { seconds: number; byKind: Record<string, number> } {
    const byKind: Record<string, number> = {};
    const pointers = this.buffers.map(({ pointer }) => pointer);
    let seconds = 0;
    for (const primitive of this.primitives) {
      const start = performance.now();
      primitive.execute(pointers);
      const spent = (performance.now() - start) / 1000;
      byKind[primitive.kind] = (byKind[primitive.kind] ?? 0) + spent;
      seconds += spent;
    }
    return { seconds, byKind };
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
