import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
import { Assembler, Label, R } from '../../../../src/engine/onednn/machine/assembler.js';
import { OPERANDS, weightedVector } from '../../../../src/engine/onednn/machine/linearMap.js';
import { ParallelCode } from '../../../../src/engine/onednn/machine/parallelCode.js';
import { activate, describeOneDnn, runsMachineCode } from '../setup.js';

const VECTOR = 8;

describeOneDnn('machine code', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await activate('f32');
  });

  /** Runs code on memory that holds the values, and gives what it holds then. */
  function run(assemble: (code: Assembler) => void, values: Float32Array): Float32Array {
    const { library } = backend.native;
    const code = new Assembler();
    assemble(code);
    const function_ = new ParallelCode(library, code.finish());
    const block = backend.allocate(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    try {
      library.copyIn(block.pointer, bytes, bytes.length);
      function_.run(block.pointer);
      const result = new Float32Array(values.length);
      library.copyOut(new Uint8Array(result.buffer), block.pointer, bytes.length);
      return result;
    } finally {
      backend.pool.release(block);
      function_.dispose();
    }
  }

  it.skipIf(!runsMachineCode).each([
    ['one alone', [0, 0, 1, 0]],
    ['units', [1, -1, 1, -1]],
    ['factors', [0.5, -2, 0.25, 3]],
    ['both', [-1, 0.1, 1, -0.3]],
    ['the opposite', [0, -1, 0, 0]],
    ['nothing', [0, 0, 0, 0]],
  ])('sums up vectors: %s', (_, factors) => {
    const inputs = Float32Array.from({ length: factors.length * VECTOR }, (_, i) => ((i * 37) % 23) - 11);
    const values = new Float32Array(inputs.length + VECTOR);
    values.set(inputs, VECTOR);
    const result = run((code) => {
      code.enter(0);
      for (const i of factors.keys()) code.load(i, { base: R.rdi, offset: 32 * (i + 1) });
      code.store({ base: R.rdi }, weightedVector(code, factors, OPERANDS));
      code.leave();
    }, values);
    for (let lane = 0; lane < VECTOR; lane++) {
      const plain = factors.reduce((sum, factor, i) => sum + factor * inputs[i * VECTOR + lane], 0);
      expect(result[lane]).toBeCloseTo(plain, 4);
    }
    expect(result.subarray(VECTOR)).toEqual(inputs);
  });

  it.skipIf(!runsMachineCode)('is run by all threads, each piece by one', () => {
    const pieces = 50_000;
    const values = new Float32Array(2 + 2 * pieces);
    const result = run((code) => {
      // A counter, then a number for each piece.
      code.enter(0);
      const [next, end] = [new Label(), new Label()];
      code.place(next);
      code.moveInteger(R.rax, 1);
      code.exchangeAdd({ base: R.rdi }, R.rax);
      code.compareInteger(R.rax, pieces);
      code.jumpIf('notLess', end);
      code.multiplyInteger(R.rcx, R.rax, 8);
      code.add(R.rcx, R.rdi);
      code.move(R.rdx, { base: R.rcx, offset: 8 });
      code.addInteger(R.rdx, 1);
      code.storeInteger({ base: R.rcx, offset: 8 }, R.rdx);
      code.jump(next);
      code.place(end);
      code.leave();
    }, values);
    const counts = new BigInt64Array(result.buffer);
    expect(counts.subarray(1).every((count) => count === 1n)).toBe(true);
    // Each thread has taken one more than there are.
    expect(Number(counts[0])).toBeGreaterThan(pieces);
  });

  it.skipIf(!runsMachineCode)('keeps the registers that are its caller’s', () => {
    const saved = [R.rbx, R.r12, R.r13, R.r14, R.r15];
    const result = run((code) => {
      code.enter(4096);
      for (const register of saved) code.moveInteger(register, 7);
      code.storeInteger({ base: R.rsp }, R.rbx);
      code.storeInteger({ base: R.rdi }, R.r15);
      code.leave();
    }, new Float32Array(2));
    expect(new BigInt64Array(result.buffer)[0]).toBe(7n);
  });
});
