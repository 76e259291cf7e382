/**
 * Machine code of x86-64 with AVX2 and FMA, or with AVX-512, for what the library has no kernel for: an instruction a method, as Intel's Software Developer's
 * Manual, volume 2, encodes them. Lengths are not optimised: displacements and jumps have four bytes.
 */

/** General registers, by their numbers. */
export const R = {
  ...{ rax: 0, rcx: 1, rdx: 2, rbx: 3, rsp: 4, rbp: 5, rsi: 6, rdi: 7 },
  ...{ r8: 8, r9: 9, r10: 10, r11: 11, r12: 12, r13: 13, r14: 14, r15: 15 },
} as const;

/** A place in memory: base + index + offset bytes. */
export interface Address {
  readonly base: number;
  readonly index?: number;
  readonly offset?: number;
}

/** Conditions of jumps and moves, by their codes; `notBelow` compares without signs. */
const CONDITIONS = { notBelow: 3, notEqual: 5, less: 12, notLess: 13, notGreater: 14 } as const;
export type Condition = keyof typeof CONDITIONS;

/** A place in the code; its address is known once it is `placed`. */
export class Label {
  at: number | undefined;
}

/** f32 in a vector: of AVX2, and of AVX-512. */
export type Lanes = 8 | 16;

/** Prefixes of operations on f32 (none), and of those on the pages of 0x66 and 0xf3. */
const [PLAIN, PREFIX_66, PREFIX_F3] = [0, 1, 2];
const [MAP_0F, MAP_0F38, MAP_0F3A] = [1, 2, 3];

/** What a comparison asks; of what is not a number nothing is true but the two with `not`. */
const RELATIONS = {
  ...{ equal: 0, notNumbers: 3, notEqual: 4 },
  ...{ less: 17, lessEqual: 18, greaterEqual: 29, greater: 30 },
} as const;
export type Relation = keyof typeof RELATIONS;

/** To whole numbers: the nearest (even ones of two that are as near), those below, those above. */
const ROUNDINGS = { nearest: 8, down: 9, up: 10 } as const;
export type Rounding = keyof typeof ROUNDINGS;

export class Assembler {
  readonly #bytes: number[] = [];
  /** Four bytes each, to be filled with the distance from their end to a label. */
  readonly #distances: { at: number; to: Label }[] = [];
  readonly #constants = new Map<number, Label>();

  /** @param lanes of all vectors; 16 needs AVX-512 (F, DQ) */
  constructor(readonly lanes: Lanes = 8) {}

  /** Bytes of a vector of f32. */
  get vector(): number {
    return this.lanes * Float32Array.BYTES_PER_ELEMENT;
  }

  // General registers.

  move(to: number, from: number | Address): void {
    this.#general(0x8b, to, from);
  }

  moveInteger(to: number, value: number): void {
    this.#general(0xc7, 0, to);
    this.#int32(value);
  }

  storeInteger(to: Address, from: number): void {
    this.#general(0x89, from, to);
  }

  add(to: number, from: number | Address): void {
    this.#general(0x03, to, from);
  }

  addInteger(to: number, value: number): void {
    this.#general(0x81, 0, to);
    this.#int32(value);
  }

  /** to ← from · value */
  multiplyInteger(to: number, from: number, value: number): void {
    this.#general(0x69, to, from);
    this.#int32(value);
  }

  /** to ← to · by */
  multiply(to: number, by: number | Address): void {
    this.#general([0x0f, 0xaf], to, by);
  }

  /** rax, rdx ← quotient and remainder of rax */
  divide(by: number | Address): void {
    this.#emit(0x31, 0xd2);
    this.#general(0xf7, 6, by);
  }

  /** to ← the address itself */
  address(to: number, from: Address): void {
    this.#general(0x8d, to, from);
  }

  /** to += of, and of ← what was there, while no other thread can see it. */
  exchangeAdd(to: Address, of: number): void {
    this.#emit(0xf0);
    this.#general([0x0f, 0xc1], of, to);
  }

  compare(a: number, b: number | Address): void {
    this.#general(0x3b, a, b);
  }

  compareInteger(a: number, value: number): void {
    this.#general(0x81, 7, a);
    this.#int32(value);
  }

  /** Compares the lower four bytes with 0. */
  testInt(register: number): void {
    const [more, field] = [high(register), register & 7];
    this.#emit(0x40 | (more << 2) | more, 0x85, 0xc0 | (field << 3) | field);
  }

  moveIf(condition: Condition, to: number, from: number | Address): void {
    this.#general([0x0f, 0x40 | CONDITIONS[condition]], to, from);
  }

  jump(to: Label): void {
    this.#emit(0xe9);
    this.#distance(to);
  }

  jumpIf(condition: Condition, to: Label): void {
    this.#emit(0x0f, 0x80 | CONDITIONS[condition]);
    this.#distance(to);
  }

  /** Calls the function whose address is there. */
  call(at: Address): void {
    this.#general(0xff, 2, at);
  }

  place(label: Label): void {
    label.at = this.#bytes.length;
  }

  /** What `once` assembles, so many times, 1 at least; the counter is not to be changed in it. */
  repeat(counter: number, count: number, once: () => void): void {
    const again = new Label();
    this.moveInteger(counter, count);
    this.place(again);
    once();
    this.addInteger(counter, -1);
    this.jumpIf('notEqual', again);
  }

  // Vectors of f32.

  load(to: number, from: Address): void {
    this.#vector(PLAIN, MAP_0F, 0x10, to, 0, from);
  }

  store(to: Address, from: number): void {
    this.#vector(PLAIN, MAP_0F, 0x11, from, 0, to);
  }

  /** bf16 as f32: they are an f32's upper half. */
  loadBf16(to: number, from: Address): void {
    this.#vector(PREFIX_66, MAP_0F38, 0x33, to, 0, from);
    this.shiftLeft(to, to, 16);
  }

  /** Rounds to the nearest bf16, ties to even; numbers too small for a normal f32 become 0. Needs AVX512_BF16. @param spare changed */
  storeBf16(to: Address, from: number, spare: number): void {
    this.#evex(PREFIX_F3, MAP_0F38, 0x72, spare, 0, from);
    this.#vex(PLAIN, MAP_0F, 0x11, spare, 0, to, this.lanes / 2);
  }

  /** A number in memory as often as a vector has room for it. */
  loadRepeated(to: number, from: Address): void {
    this.#vector(PREFIX_66, MAP_0F38, 0x18, to, 0, from);
  }

  /** A number as often as a vector has room for it. */
  loadConstant(to: number, value: number): void {
    this.#vector(PLAIN, MAP_0F, 0x10, to, 0, this.#constant(value));
  }

  addVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x58, to, a, b);
  }

  addConstant(to: number, a: number, value: number): void {
    this.#vector(PLAIN, MAP_0F, 0x58, to, a, this.#constant(value));
  }

  multiplyVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x59, to, a, b);
  }

  /** to ← a / b */
  divideVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x5e, to, a, b);
  }

  /** About 1 / from: to 2⁻¹⁴ of it, or with AVX2 to 1.5·2⁻¹². */
  estimateReciprocal(to: number, from: number): void {
    if (this.lanes === 16) this.#evex(PREFIX_66, MAP_0F38, 0x4c, to, 0, from);
    else this.#vex(PLAIN, MAP_0F, 0x53, to, 0, from, this.lanes);
  }

  /** to += a · b, rounded once */
  addProduct(to: number, a: number, b: number): void {
    this.#vector(PREFIX_66, MAP_0F38, 0xb8, to, a, b);
  }

  /** to ← to · by + value, rounded once: a step of Horner's. */
  multiplyAdd(to: number, by: number, value: number): void {
    this.#vector(PREFIX_66, MAP_0F38, 0xa8, to, by, this.#constant(value));
  }

  /** a, but no less than `least`; `least` where it is not a number. */
  atLeast(to: number, a: number, least: number): void {
    this.#vector(PLAIN, MAP_0F, 0x5f, to, a, this.#constant(least));
  }

  /** a, but no more than `most`; `most` where it is not a number. */
  atMost(to: number, a: number, most: number): void {
    this.#vector(PLAIN, MAP_0F, 0x5d, to, a, this.#constant(most));
  }

  /** to ← a − b */
  subtractVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x5c, to, a, b);
  }

  /** The larger of each two; b's where one is not a number. */
  largerVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x5f, to, a, b);
  }

  /** The smaller of each two; b's where one is not a number. */
  smallerVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x5d, to, a, b);
  }

  /** All bits of each f32: whether a is in that relation to b. In AVX2 only. */
  compareVectors(to: number, a: number, relation: Relation, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0xc2, to, a, b);
    this.#emit(RELATIONS[relation]);
  }

  /** to ← yes where the highest bit of a mask's f32 is set, no elsewhere. In AVX2 only. */
  selectVectors(to: number, mask: number, yes: number, no: number): void {
    this.#vector(PREFIX_66, MAP_0F3A, 0x4a, to, no, yes);
    this.#emit(mask << 4);
  }

  /** As f32. In AVX2 only. */
  roundVectors(to: number, from: number, rounding: Rounding): void {
    this.#vector(PREFIX_66, MAP_0F3A, 0x08, to, 0, from);
    this.#emit(ROUNDINGS[rounding]);
  }

  /** Bit by bit. */
  andVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x54, to, a, b);
  }

  /** to ← b where a is not, bit by bit */
  andNotVectors(to: number, a: number, b: number): void {
    this.#vector(PLAIN, MAP_0F, 0x55, to, a, b);
  }

  zeroVector(to: number): void {
    this.#vector(PLAIN, MAP_0F, 0x57, to, to, to);
  }

  /** to ← a · factor */
  scaleVector(to: number, a: number, factor: number): void {
    this.#vector(PLAIN, MAP_0F, 0x59, to, a, this.#constant(factor));
  }

  /** to += a · factor, rounded once */
  addScaled(to: number, a: number, factor: number): void {
    this.#vector(PREFIX_66, MAP_0F38, 0xb8, to, a, this.#constant(factor));
  }

  // Vectors of integers of four bytes.

  /** The integers nearest to f32, even ones of two that are as near. */
  toIntegers(to: number, from: number): void {
    this.#vector(PREFIX_66, MAP_0F, 0x5b, to, 0, from);
  }

  shiftRight(to: number, from: number, bits: number): void {
    this.#vector(PREFIX_66, MAP_0F, 0x72, 2, to, from);
    this.#emit(bits);
  }

  /**
   * Integers from 0 to 127 as a byte each. In AVX2 only, whose instructions work on halves of vectors.
   * @param spare changed
   */
  storeBytes({ base, offset = 0 }: Address, from: number, spare: number): void {
    this.#vex(PREFIX_66, MAP_0F, 0x6b, spare, from, from, 8);
    this.#vex(PREFIX_66, MAP_0F, 0x63, spare, spare, spare, 8);
    this.#vex(PREFIX_66, MAP_0F, 0x7e, spare, 0, { base, offset }, 4);
    this.#vex(PREFIX_66, MAP_0F3A, 0x39, spare, 0, spare, 8);
    this.#emit(1);
    this.#vex(PREFIX_66, MAP_0F, 0x7e, spare, 0, { base, offset: offset + 4 }, 4);
  }

  /** As many bytes as a vector has lanes, from 0 to 255. */
  loadBytes(to: number, from: Address): void {
    this.#vector(PREFIX_66, MAP_0F38, 0x31, to, 0, from);
  }

  fromIntegers(to: number, from: number): void {
    this.#vector(PLAIN, MAP_0F, 0x5b, to, 0, from);
  }

  addIntegers(to: number, a: number, b: number): void {
    this.#vector(PREFIX_66, MAP_0F, 0xfe, to, a, b);
  }

  shiftLeft(to: number, from: number, bits: number): void {
    this.#vector(PREFIX_66, MAP_0F, 0x72, 6, to, from);
    this.#emit(bits);
  }

  // Functions.

  /** Saves what a function must not change, and makes room for so many bytes at rsp, which is a multiple of 64. */
  enter(bytes: number): void {
    for (const register of SAVED) this.#emit(...(register >= 8 ? [0x41] : []), 0x50 | (register & 7));
    this.move(R.rbp, R.rsp);
    this.addInteger(R.rsp, -bytes);
    this.#general(0x81, 4, R.rsp);
    this.#int32(-64);
  }

  leave(): void {
    this.#emit(0xc5, 0xf8, 0x77);
    this.move(R.rsp, R.rbp);
    for (const register of SAVED.toReversed()) {
      this.#emit(...(register >= 8 ? [0x41] : []), 0x58 | (register & 7));
    }
    this.#emit(0xc3);
  }

  /** The code, with its constants behind it; to be placed at a multiple of a vector's bytes. */
  finish(): Uint8Array {
    while (this.#bytes.length % this.vector !== 0) this.#emit(0xcc);
    for (const [value, label] of this.#constants) {
      this.place(label);
      const one = new Uint8Array(Float32Array.of(value).buffer);
      for (let i = 0; i < this.vector; i += one.length) this.#emit(...one);
    }
    const code = Uint8Array.from(this.#bytes);
    const view = new DataView(code.buffer);
    for (const { at, to } of this.#distances) {
      if (to.at === undefined) throw new Error('a label of machine code was never placed');
      view.setInt32(at, to.at - (at + 4), true);
    }
    return code;
  }

  #constant(value: number): Label {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const label = new Label();
    this.#constants.set(value, label);
    return label;
  }

  #emit(...bytes: readonly number[]): void {
    this.#bytes.push(...bytes);
  }

  #int32(value: number): void {
    this.#emit(...[0, 8, 16, 24].map((shift) => (value >> shift) & 255));
  }

  #distance(to: Label): void {
    this.#distances.push({ at: this.#bytes.length, to });
    this.#int32(0);
  }

  /** An operation on 64 bits. @param register its other operand, or the rest of its code */
  #general(operation: number | readonly number[], register: number, operand: number | Address): void {
    const { base, index } = partsOf(operand);
    this.#emit(0x48 | (high(register) << 2) | (high(index) << 1) | high(base));
    this.#emit(...(typeof operation === 'number' ? [operation] : operation));
    this.#operand(register, operand);
  }

  /** An operation on vectors of so many lanes. */
  #vector(...operation: VectorOperation): void {
    if (this.lanes === 16) this.#evex(...operation);
    else this.#vex(...operation, this.lanes);
  }

  /** As AVX2 encodes it. @param lanes of f32: four or eight */
  #vex(...[prefix, map, operation, to, first, second, lanes]: [...VectorOperation, lanes: number]): void {
    this.#emit(0xc4, registersOf(to, second) | map);
    this.#emit(((~first & 15) << 3) | (lanes === 8 ? 4 : 0) | prefix, operation);
    this.#vectorOperand(to, second);
  }

  /** As AVX-512 encodes it, with none of its masks and none of its registers from 16 on. */
  #evex(...[prefix, map, operation, to, first, second]: VectorOperation): void {
    const none = 1 << 4;
    this.#emit(0x62, registersOf(to, second) | none | map, ((~first & 15) << 3) | 4 | prefix);
    this.#emit(((this.lanes / 8) << 5) | 8, operation);
    this.#vectorOperand(to, second);
  }

  #vectorOperand(to: number, second: number | Address | Label): void {
    if (second instanceof Label) {
      this.#emit(((to & 7) << 3) | 5);
      this.#distance(second);
    } else this.#operand(to, second);
  }

  #operand(register: number, operand: number | Address): void {
    const field = (register & 7) << 3;
    if (typeof operand === 'number') {
      this.#emit(0xc0 | field | (operand & 7));
      return;
    }
    const { base, index, offset = 0 } = operand;
    // rsp and r12 as bases, and any index, take a byte more; 4 there means that there is none.
    if (index === undefined && (base & 7) !== R.rsp) this.#emit(0x80 | field | (base & 7));
    else this.#emit(0x80 | field | 4, ((index ?? 4) & 7) * 8 + (base & 7));
    this.#int32(offset);
  }
}

/** What the System V convention wants back as it was. */
const SAVED = [R.rbx, R.rbp, R.r12, R.r13, R.r14, R.r15];

const high = (register: number): number => register >> 3;

type VectorOperation = [
  prefix: number,
  map: number,
  operation: number,
  to: number,
  first: number,
  second: number | Address | Label,
];

/** The highest bits of an operation's registers, inverted. */
function registersOf(to: number, second: number | Address | Label): number {
  const { base, index } = second instanceof Label ? { base: 0, index: 0 } : partsOf(second);
  const not = (bit: number): number => bit ^ 1;
  return (not(high(to)) << 7) | (not(high(index)) << 6) | (not(high(base)) << 5);
}

const partsOf = (operand: number | Address): { base: number; index: number } =>
  typeof operand === 'number'
    ? { base: operand, index: 0 }
    : { base: operand.base, index: operand.index ?? 0 };
