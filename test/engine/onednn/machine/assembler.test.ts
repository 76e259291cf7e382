import { expect, it } from 'vitest';
import { Assembler, Label, R } from '../../../../src/engine/onednn/machine/assembler.js';

/** The bytes of what is assembled, in hexadecimal; int3 fills the rest. */
function bytesOf(assemble: (code: Assembler) => void): string {
  const code = new Assembler();
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
])('%s', (_, expected, assemble) => {
  expect(bytesOf(assemble)).toBe(expected);
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
