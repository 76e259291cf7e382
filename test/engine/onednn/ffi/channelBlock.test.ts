import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
import { channelBlockOf } from '../../../../src/engine/onednn/ffi/channelBlock.js';
import { activate, describeOneDnn } from '../setup.js';

it.each([
  ['sse41', 8],
  ['avx2', 8],
  ['avx2_vnni_2', 8],
  ['avx512_core', 16],
  ['avx10_1_512_amx', 16],
  ['0x1234', 16],
])('%s has blocks of %i channels', (instructionSet, block) => {
  expect(channelBlockOf(instructionSet)).toBe(block);
});

describeOneDnn('blocks of channels', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await activate('f32', 1);
  });

  it('hold the values of so many channels beside each other', () => {
    const { descriptors, native } = backend;
    const block = channelBlockOf(native.instructionSet);
    const { layout } = descriptors.blocked([2, 32, 5, 6], 'f32');
    expect(layout).toMatchObject({
      innerBlocks: [block],
      innerAxes: [1],
      strides: [32 * 30, 30 * block, 6 * block, block],
    });
  });
});
