import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
import { ARG } from '../../../../src/engine/onednn/ffi/enums.js';
import { planeProduct } from '../../../../src/engine/onednn/convolution/winograd/planeProduct.js';
import type { Primitive } from '../../../../src/engine/onednn/ffi/primitive.js';
import { PrimitiveTeam } from '../../../../src/engine/onednn/machine/primitiveTeam.js';
import { Rng } from '../../../../src/util/rng.js';
import { activate, describeOneDnn, runsMachineCode } from '../setup.js';

const [CHANNELS, TILES] = [{ inputs: 16, outputs: 24 }, 20];

describeOneDnn('a team', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await activate('f32');
  });

  const types = { src: 'f32', weights: 'f32', dst: 'f32' } as const;
  const operation = () => planeProduct(backend.descriptors, 'convolution', CHANNELS, TILES, types);
  const args = [ARG.src, ARG.weights, ARG.dst];

  /** So many products by all threads at once and, with the same numbers, one after another by a primitive: whether they have the same bits. */
  function areAlike(count: number, threads: number): boolean {
    const { library } = backend.native;
    library.openmp?.omp_set_num_threads(threads);
    const team = backend.team('test', args, operation);
    const steps = team.primitive.argumentBytes.slice(0, team.buffers);
    const rng = new Rng(count);
    const blocks = steps.map((bytes) => {
      const block = backend.allocate(bytes * count);
      const values = Float32Array.from({ length: (bytes * count) / 4 }, () => rng.next() - 0.5);
      library.copyIn(block.pointer, new Uint8Array(values.buffer), values.byteLength);
      return block;
    });
    const results = (): Uint8Array => {
      const bytes = new Uint8Array(steps[2] * count);
      library.copyOut(bytes, blocks[2].pointer, bytes.length);
      return bytes;
    };
    const before = results();
    backend.executeTeam(team, { buffers: blocks.map(({ pointer }) => pointer), steps, count });
    const together = results();
    for (let i = 0; i < count; i++) {
      backend.execute(
        team.primitive,
        blocks.map(({ pointer }, k) => pointer + BigInt(i * steps[k])),
      );
    }
    const alone = results();
    for (const block of blocks) backend.pool.release(block);
    library.openmp?.omp_set_num_threads(2);
    expect(Buffer.compare(before, together)).not.toBe(0);
    return Buffer.compare(together, alone) === 0;
  }

  it.skipIf(!runsMachineCode).each([
    ['fewer pieces than threads', 1, 2],
    ['a piece more than twice the threads', 5, 2],
    ['more threads than it was made for', 36, 5],
    ['one thread', 7, 1],
  ])('gives what its primitive does: %s', (_, count, threads) => {
    expect(areAlike(count, threads)).toBe(true);
  });

  it.skipIf(!runsMachineCode)('says when the library refuses', () => {
    const { primitive } = backend.team('test', args, operation);
    const { descs, scratchpadBytes, bytes, implementation } = primitive;
    const none = { descs, scratchpadBytes, bytes, implementation, handle: 0n, dispose: () => undefined };
    const team = new PrimitiveTeam(backend.native, none as unknown as Primitive, 2);
    const pieces = { buffers: [0n, 0n, 0n], steps: [0, 0, 0], count: 3 };
    expect(() => backend.executeTeam(team, pieces)).toThrow('invalid_arguments');
    team.dispose();
  });
});
