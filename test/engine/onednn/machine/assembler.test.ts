import { expect, it } from 'vitest';
import { Assembler, Label, type Lanes, R } from '../../../../src/engine/onednn/machine/assembler.js';

/** The bytes of what is assembled, in hexadecimal; int3 fills the rest. */
function bytesOf(assemble: (code: Assembler) => void, lanes: Lanes = 8): string {
  const code = new Assembler(lanes);
  assemble(code);
  return Buffer.from(code.finish())
    .toString('hex')
    .replace(/(cc)*$/, '');
}

/** As GNU's disassembler reads them. */
it.each<[string, string, (code: Assembler) => void]>([
  ['mov %rsp,%rbp', '488bec', (code) => code.move(R.rbp, R.rsp)],
  ['mov 0x8(%rdi),%r9', '4c8b8f08000000', (code) => code.move(R.r9, { base: R.rdi, offset: 8 })],
  [
    'mov %r15,0x10(%r12)',
    '4d89bc2410000000',
    (code) => code.storeInteger({ base: R.r12, offset: 16 }, R.r15),
  ],
  ['mov $-2,%rcx', '48c7c1feffffff', (code) => code.moveInteger(R.rcx, -2)],
  ['add 0x0(%rsp),%rax', '4803842400000000', (code) => code.add(R.rax, { base: R.rsp })],
  ['add $0x100,%r8', '4981c000010000', (code) => code.addInteger(R.r8, 256)],
  ['imul $0x700,%rsi,%rcx', '4869ce00070000', (code) => code.multiplyInteger(R.rcx, R.rsi, 1792)],
  ['imul 0x8(%rbx),%rsi', '480fafb308000000', (code) => code.multiply(R.rsi, { base: R.rbx, offset: 8 })],
  ['test %eax,%eax', '4085c0', (code) => code.testInt(R.rax)],
  ['test %r9d,%r9d', '4585c9', (code) => code.testInt(R.r9)],
  ['call *0x30(%rbx)', '48ff9330000000', (code) => code.call({ base: R.rbx, offset: 48 })],
  ['xor %edx,%edx; div %rcx', '31d248f7f1', (code) => code.divide(R.rcx)],
  ['lea -0x1(%rsi),%rax', '488d86ffffffff', (code) => code.address(R.rax, { base: R.rsi, offset: -1 })],
  ['lock xadd %rbx,0x0(%rdi)', 'f0480fc19f00000000', (code) => code.exchangeAdd({ base: R.rdi }, R.rbx)],
  ['cmp $0xe,%rax', '4881f80e000000', (code) => code.compareInteger(R.rax, 14)],
  [
    'cmovae 0x30(%rdi),%r8',
    '4c0f438730000000',
    (code) => code.moveIf('notBelow', R.r8, { base: R.rdi, offset: 48 }),
  ],
  [
    'vmovups 0x0(%r8,%rax,1),%ymm0',
    'c4c17c10840000000000',
    (code) => code.load(0, { base: R.r8, index: R.rax }),
  ],
  ['vmovups %ymm9,0x20(%rcx)', 'c4617c118920000000', (code) => code.store({ base: R.rcx, offset: 32 }, 9)],
  ['vaddps %ymm4,%ymm8,%ymm8', 'c4613c58c4', (code) => code.addVectors(8, 8, 4)],
  ['vsubps %ymm12,%ymm1,%ymm2', 'c4c1745cd4', (code) => code.subtractVectors(2, 1, 12)],
  ['vmaxps %ymm2,%ymm1,%ymm15', 'c461745ffa', (code) => code.largerVectors(15, 1, 2)],
  ['vminps %ymm2,%ymm1,%ymm15', 'c461745dfa', (code) => code.smallerVectors(15, 1, 2)],
  ['vcmpge_oqps %ymm9,%ymm12,%ymm3', 'c4c11cc2d91d', (code) => code.compareVectors(3, 12, 'greaterEqual', 9)],
  ['vcmpeqps %ymm3,%ymm1,%ymm2', 'c4e174c2d300', (code) => code.compareVectors(2, 1, 'equal', 3)],
  ['vblendvps %ymm8,%ymm12,%ymm3,%ymm9', 'c443654acc80', (code) => code.selectVectors(9, 8, 12, 3)],
  ['vroundps $0x9,%ymm12,%ymm3', 'c4c37d08dc09', (code) => code.roundVectors(3, 12, 'down')],
  [
    'vbroadcastss 0x8(%r12),%ymm9',
    'c4427d188c2408000000',
    (code) => code.loadRepeated(9, { base: R.r12, offset: 8 }),
  ],
  ['vpsrld $0x1f,%ymm12,%ymm3', 'c4c16572d41f', (code) => code.shiftRight(3, 12, 31)],
  [
    'vpmovzxbd 0x8(%r12,%r9,1),%ymm9',
    'c4027d318c0c08000000',
    (code) => code.loadBytes(9, { base: R.r12, index: R.r9, offset: 8 }),
  ],
  [
    'vpackssdw %ymm3,%ymm3,%ymm14; vpacksswb; vmovd %xmm14,0x10(%r10); vextracti128 $0x1; vmovd %xmm14,0x14(%r10)',
    'c461656bf3c4410d63f6c441797eb210000000c4437d39f601c441797eb214000000',
    (code) => code.storeBytes({ base: R.r10, offset: 16 }, 3, 14),
  ],
  ['vmulps %ymm3,%ymm8,%ymm9', 'c4613c59cb', (code) => code.multiplyVectors(9, 8, 3)],
  ['vdivps %ymm12,%ymm1,%ymm2', 'c4c1745ed4', (code) => code.divideVectors(2, 1, 12)],
  ['vfmadd231ps %ymm3,%ymm8,%ymm9', 'c4623db8cb', (code) => code.addProduct(9, 8, 3)],
  ['vrcpps %ymm12,%ymm3', 'c4c17c53dc', (code) => code.estimateReciprocal(3, 12)],
  ['vcvtps2dq %ymm12,%ymm3', 'c4c17d5bdc', (code) => code.toIntegers(3, 12)],
  ['vcvtdq2ps %ymm3,%ymm12', 'c4617c5be3', (code) => code.fromIntegers(12, 3)],
  ['vpaddd %ymm3,%ymm1,%ymm9', 'c46175fecb', (code) => code.addIntegers(9, 1, 3)],
  ['vpslld $0x17,%ymm12,%ymm3', 'c4c16572f417', (code) => code.shiftLeft(3, 12, 23)],
  [
    'vpmovzxwd 0x8(%r12,%r9,1),%ymm9; vpslld $0x10,%ymm9,%ymm9',
    'c4027d338c0c08000000c4c13572f110',
    (code) => code.loadBf16(9, { base: R.r12, index: R.r9, offset: 8 }),
  ],
  [
    'vcvtneps2bf16 %ymm11,%xmm14; vmovups %xmm14,0x40(%r13)',
    '62527e2872f3c4417811b540000000',
    (code) => code.storeBf16({ base: R.r13, offset: 64 }, 11, 14),
  ],
])('%s', (_, expected, assemble) => {
  expect(bytesOf(assemble)).toBe(expected);
});

it.each<[string, string, (code: Assembler) => void]>([
  [
    'vmovups 0x0(%r8,%rax,1),%zmm0',
    '62d17c4810840000000000',
    (code) => code.load(0, { base: R.r8, index: R.rax }),
  ],
  ['vmovups %zmm9,0x20(%rcx)', '62717c48118920000000', (code) => code.store({ base: R.rcx, offset: 32 }, 9)],
  ['vaddps %zmm4,%zmm8,%zmm8', '62713c4858c4', (code) => code.addVectors(8, 8, 4)],
  ['vsubps %zmm12,%zmm1,%zmm2', '62d174485cd4', (code) => code.subtractVectors(2, 1, 12)],
  ['vmaxps %zmm2,%zmm1,%zmm15', '627174485ffa', (code) => code.largerVectors(15, 1, 2)],
  ['vxorps %zmm9,%zmm9,%zmm9', '6251344857c9', (code) => code.zeroVector(9)],
  ['vmulps %zmm3,%zmm8,%zmm9', '62713c4859cb', (code) => code.multiplyVectors(9, 8, 3)],
  ['vdivps %zmm12,%zmm1,%zmm2', '62d174485ed4', (code) => code.divideVectors(2, 1, 12)],
  ['vfmadd231ps %zmm3,%zmm8,%zmm9', '62723d48b8cb', (code) => code.addProduct(9, 8, 3)],
  ['vrcp14ps %zmm12,%zmm3', '62d27d484cdc', (code) => code.estimateReciprocal(3, 12)],
  ['vcvtps2dq %zmm12,%zmm3', '62d17d485bdc', (code) => code.toIntegers(3, 12)],
  ['vcvtdq2ps %zmm3,%zmm12', '62717c485be3', (code) => code.fromIntegers(12, 3)],
  ['vpaddd %zmm3,%zmm1,%zmm9', '62717548fecb', (code) => code.addIntegers(9, 1, 3)],
  ['vpslld $0x17,%zmm12,%zmm3', '62d1654872f417', (code) => code.shiftLeft(3, 12, 23)],
  [
    'vpmovzxwd 0x8(%r12,%r9,1),%zmm9; vpslld $0x10,%zmm9,%zmm9',
    '62127d48338c0c0800000062d1354872f110',
    (code) => code.loadBf16(9, { base: R.r12, index: R.r9, offset: 8 }),
  ],
  [
    'vcvtneps2bf16 %zmm11,%ymm14; vmovups %ymm14,0x40(%r13)',
    '62527e4872f3c4417c11b540000000',
    (code) => code.storeBf16({ base: R.r13, offset: 64 }, 11, 14),
  ],
])('%s', (_, expected, assemble) => {
  expect(bytesOf(assemble, 16)).toBe(expected);
});

it('a constant stands behind the code, at a multiple of a vector’s bytes, as often as a vector has numbers', () => {
  const code = new Assembler(16);
  code.scaleVector(3, 11, 0.5);
  const bytes = Buffer.from(code.finish());
  // vmulps 0x36(%rip),%zmm11,%zmm3
  expect(bytes.subarray(0, 10).toString('hex')).toBe('62f12448591d36000000');
  expect(bytes).toHaveLength(128);
  expect(Array.from({ length: 16 }, (_, i) => bytes.readFloatLE(64 + 4 * i))).toEqual(
    new Array<number>(16).fill(0.5),
  );
});

it('jumps and constants are reached by their distance', () => {
  const forward = (code: Assembler): void => {
    const label = new Label();
    code.jumpIf('less', label);
    code.jump(label);
    code.place(label);
    code.place(label);
  };
  expect(bytesOf(forward)).toBe('0f8c05000000e900000000');
  const code = new Assembler();
  code.scaleVector(3, 2, -0.5);
  code.addScaled(4, 2, -0.5);
  const bytes = code.finish();
  // Both at 32, once: vmulps and vfmadd231ps have nine bytes each.
  expect(bytes.length).toBe(64);
  expect(Buffer.from(bytes.subarray(0, 18)).toString('hex')).toBe('c4e16c591d17000000c4e26db8250e000000');
  expect(new Float32Array(bytes.slice(32).buffer)).toEqual(new Float32Array(8).fill(-0.5));
});

it('a label that was never placed is an error', () => {
  const code = new Assembler();
  code.jump(new Label());
  expect(() => code.finish()).toThrow('never placed');
});
