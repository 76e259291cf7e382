import type { Abi } from './abi.js';
import type { ChannelBlock } from './channelBlock.js';
import type { NativeType } from './enums.js';
import { denseStrides } from './layout.js';
import { MemoryDesc, type RawDesc } from './memoryDesc.js';

/** Makes, interns and owns memory descriptors. Equal descriptors are one object. */
export class Descriptors {
  readonly #abi: Abi;
  readonly #table = new Map<string, MemoryDesc>();
  readonly #named = new Map<string, MemoryDesc>();
  /** Channels in a block of those layouts that the library's kernels prefer. */
  readonly channelBlock: ChannelBlock;

  constructor(abi: Abi, channelBlock: ChannelBlock) {
    this.#abi = abi;
    this.channelBlock = channelBlock;
  }

  get count(): number {
    return this.#table.size;
  }

  /** Takes over `raw`. */
  intern(raw: RawDesc): MemoryDesc {
    const key = this.#abi.fingerprint(raw);
    const known = this.#table.get(key);
    if (known !== undefined) {
      this.#abi.release(raw);
      return known;
    }
    const desc = new MemoryDesc(this.#table.size, raw, this.#abi.describe(raw), this.#abi.bytes(raw));
    this.#table.set(key, desc);
    return desc;
  }

  /** Dense; `order` lists the axes from the outermost to the innermost, by default as they come. */
  dense(dims: readonly number[], type: NativeType, order?: readonly number[]): MemoryDesc {
    return this.#name(`dense ${type} ${dims.join()} ${order?.join() ?? ''}`, () => {
      // The library has no rank 0: a scalar is one element.
      const shape = dims.length === 0 ? [1] : dims;
      return this.#abi.strided(shape, type, denseStrides(shape, order));
    });
  }

  /** Elements so many apart along each axis, as in a part of something larger. */
  strided(dims: readonly number[], type: NativeType, strides: readonly number[]): MemoryDesc {
    return this.#name(`strided ${type} ${dims.join()} ${strides.join()}`, () =>
      this.#abi.strided(dims, type, strides),
    );
  }

  /** Layout left to the primitive. */
  any(dims: readonly number[], type: NativeType): MemoryDesc {
    return this.#name(`any ${type} ${dims.join()}`, () => this.#abi.any(dims, type));
  }

  /** NCHW, channels in blocks (padded where they do not fill the last one). */
  blocked(dims: readonly number[], type: NativeType): MemoryDesc {
    return this.#name(`blocked ${type} ${dims.join()}`, () =>
      this.#abi.blocked(dims, type, this.channelBlock),
    );
  }

  /** The same memory with its axes renamed: axis `a` of `desc` becomes axis `axes[a]`. */
  permute(desc: MemoryDesc, axes: readonly number[]): MemoryDesc {
    return this.#derive(desc, `permute ${axes.join()}`, () => this.#abi.permute(desc, axes));
  }

  /**
   * The same memory under other dimensions; null where the layout does not allow it.
   * @throws TypeError for another number of elements: a primitive would read what is not the tensor's
   */
  reshapeTo(desc: MemoryDesc, dims: readonly number[]): MemoryDesc | null {
    const target = dims.length === 0 ? [1] : dims;
    if (isSame(desc.dims, target)) return desc;
    if (elementsOf(desc.dims) !== elementsOf(target)) {
      throw new TypeError(`a tensor [${desc.dims.join(', ')}] cannot be read as [${target.join(', ')}]`);
    }
    if (desc.isRowMajor) return this.dense(target, desc.type);
    return null;
  }

  /** The same layout for elements of another type. */
  withType(desc: MemoryDesc, type: NativeType): MemoryDesc {
    if (desc.type === type) return desc;
    return this.#derive(desc, `type ${type}`, () => this.#abi.withType(desc, type));
  }

  /** The argument's descriptor as a primitive descriptor settled it. */
  argument(primitiveDesc: bigint, argument: number): MemoryDesc | null {
    const raw = this.#abi.argument(primitiveDesc, argument);
    return raw === null ? null : this.intern(raw);
  }

  dispose(): void {
    for (const { raw } of this.#table.values()) this.#abi.release(raw);
    this.#table.clear();
    this.#named.clear();
  }

  #name(name: string, make: () => RawDesc): MemoryDesc {
    let desc = this.#named.get(name);
    if (desc === undefined) {
      desc = this.intern(make());
      this.#named.set(name, desc);
    }
    return desc;
  }

  #derive(desc: MemoryDesc, key: string, make: () => RawDesc): MemoryDesc {
    let derived = desc.derived.get(key);
    if (derived === undefined) {
      derived = this.intern(make());
      desc.derived.set(key, derived);
    }
    return derived;
  }
}

const elementsOf = (dims: readonly number[]): number => dims.reduce((product, length) => product * length, 1);

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
