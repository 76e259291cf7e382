import {
  type backend_util,
  type BackendTimingInfo,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { UnsupportedError } from './errors.js';
import type { Operation, PostOp } from './ffi/abi.js';
import type { Descriptors } from './ffi/descriptors.js';
import { ARG, type NativeType } from './ffi/enums.js';
import type { MemoryDesc } from './ffi/memoryDesc.js';
import { closeNative } from './ffi/native.js';
import { createPrimitiveDesc, type Native, Primitive } from './ffi/primitive.js';
import { ParallelCode } from './machine/parallelCode.js';
import { type Pieces, PrimitiveTeam, teamCode } from './machine/primitiveTeam.js';
import { hostReorder, isPaddedTwice } from './memory/hostReorder.js';
import { type Block, MemoryPool, sizeClass } from './memory/memoryPool.js';
import { type CacheLimits, type CacheStatistics, CompiledCache } from './memory/compiledCache.js';
import { canCodeNorm } from './normalization/canCodeNorm.js';
import { Statistics } from './statistics.js';
import {
  bytesOf,
  hostArray,
  type NativeData,
  type NumericArray,
  plainType,
  type Storage,
} from './memory/storage.js';

/** Type in which convolutions and matrix products take their inputs. Sums are always f32. */
export type ComputeType = 'bf16' | 'f32';

/** A new tensor and the address that a primitive writes it to. */
export interface Output {
  readonly info: TensorInfo;
  readonly pointer: bigint;
}

/** Up to this many elements a new tensor stays on the host until a primitive asks for it. */
export const smallSize = 4096;

export interface BackendOptions {
  /** Bounds of the primitive cache. */
  readonly primitives?: Partial<CacheLimits>;
  /** Largest tensors, in elements, that tfjs's CPU kernels may compute where those are faster; default `smallSize`. */
  readonly hostSize?: number;
}

/**
 * tfjs backend over oneDNN. Ownership: a data id owns its native blocks, tfjs owns the data ids by reference
 * counts; a kernel's outputs belong to tfjs from its return on. Values never change once written. A tensor is
 * float32 to tfjs and bf16 or f32 inside, in whatever layout the primitive that made it preferred; `input`
 * converts when a primitive asks for something else, and keeps the conversion with the tensor.
 */
export class OneDnnBackend extends KernelBackend {
  readonly native: Native;
  readonly computeType: ComputeType;
  readonly pool: MemoryPool;
  readonly statistics = new Statistics();
  /** See BackendOptions. */
  readonly hostSize: number;
  /** Called before a primitive runs, once or on so many pieces; for measurements. */
  onExecute: ((executed: Primitive | PrimitiveTeam, times: number) => void) | null = null;
  readonly #primitives: CompiledCache<Primitive>;
  readonly #teams = new CompiledCache<PrimitiveTeam>();
  readonly #machineCode = new CompiledCache<ParallelCode>();
  readonly #data: DataStorage<Storage>;
  readonly #constants = new Map<string, TensorInfo>();

  /** Takes over `native`. */
  constructor(
    native: Native,
    computeType: ComputeType,
    { primitives = {}, hostSize = smallSize }: BackendOptions = {},
  ) {
    super();
    this.native = native;
    this.computeType = computeType;
    this.pool = new MemoryPool(native.library);
    this.hostSize = hostSize;
    this.#primitives = new CompiledCache(primitives);
    this.#data = new DataStorage(this, engine());
  }

  get descriptors(): Descriptors {
    return this.native.descriptors;
  }

  // What tfjs asks of a backend.

  /** Without the constants: those are the backend's own, and no kernel's leak. */
  override numDataIds(): number {
    return this.#data.numDataIds() - this.#constants.size;
  }

  override refCount(dataId: object): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).refCount : 0;
  }

  override incRef(dataId: object): void {
    this.#data.get(dataId).refCount++;
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  /** The values are copied: the caller may go on using its array. */
  override move(
    dataId: object,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const storage: Storage = {
      dtype,
      refCount,
      host: null,
      native: null,
      copies: new Map(),
      workspace: null,
    };
    if (dtype === 'string') {
      storage.host = values;
    } else {
      const typed = toTyped(values, dtype);
      const isOnHost = typed.length <= smallSize || plainType(dtype) === null;
      if (isOnHost) storage.host = typed.slice();
      else storage.native = this.#upload(typed, shape, dtype);
    }
    this.#data.set(dataId, storage);
  }

  override readSync(dataId: object): backend_util.BackendValues {
    const storage = this.#data.get(dataId);
    const { host, native, dtype } = storage;
    if (host !== null) return Array.isArray(host) ? host : host.slice();
    if (native === null) throw new TypeError('a tensor has no values');
    return this.#download(native, dtype);
  }

  override read(dataId: object): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const storage = this.#data.get(dataId);
    storage.refCount--;
    if (!force && storage.refCount > 0) return false;
    this.#releaseNative(storage);
    this.#data.delete(dataId);
    return true;
  }

  override memory(): { unreliable: boolean; numBytesNative: number; numBytesNativeFree: number } {
    const { usedBytes, freeBytes } = this.pool.statistics();
    return { unreliable: false, numBytesNative: usedBytes, numBytesNativeFree: freeBytes };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override time(run: () => void): Promise<BackendTimingInfo> {
    const start = performance.now();
    run();
    return Promise.resolve({ kernelMs: performance.now() - start });
  }

  override floatPrecision(): 16 | 32 {
    return this.computeType === 'bf16' ? 16 : 32;
  }

  /** Added to divisors by tfjs's losses and norms. Those are computed in f32 here, whatever convolutions use. */
  override epsilon(): number {
    return 1e-7;
  }

  /** See FusingBackend. */
  fusesNormActivation({ shape }: { readonly shape: readonly number[] }): boolean {
    return canCodeNorm(this.native, shape);
  }

  /** See KeepingBackend. */
  giveBackFree(): void {
    this.pool.trim();
  }

  override dispose(): void {
    for (const { dataId } of this.#constants.values()) this.disposeData(dataId, true);
    this.#constants.clear();
    this.#primitives.dispose();
    this.#teams.dispose();
    this.#machineCode.dispose();
    this.pool.trim();
    closeNative(this.native);
  }

  // What kernels use.

  /** The address of a tensor's values in the given layout (tfjs's axes); converts them when they are elsewhere. */
  input({ dataId, shape }: { dataId: object; shape: readonly number[] }, desc: MemoryDesc): bigint {
    const storage = this.#data.get(dataId);
    const native = this.#under(storage, shape, desc.dims);
    if (native.desc === desc) return native.block.pointer;
    return this.kept({ dataId }, desc, () => {
      const block = this.allocate(desc.bytes);
      this.reorder(native.desc, native.block.pointer, desc, block.pointer);
      return block;
    });
  }

  /** The address of what a consumer makes of a tensor's values: made once, and kept with the tensor under a name. */
  kept({ dataId }: { dataId: object }, name: MemoryDesc | string, make: () => Block): bigint {
    const { copies } = this.#data.get(dataId);
    let block = copies.get(name);
    if (block === undefined) {
      block = make();
      copies.set(name, block);
    }
    return block.pointer;
  }

  /** A tensor's present layout under its shape, or under other dimensions of the same size. */
  layout({ dataId, shape }: TensorInfo, dims: readonly number[] = shape): MemoryDesc {
    return this.#under(this.#data.get(dataId), shape, dims).desc;
  }

  /** A new tensor that a primitive will write in layout `desc` (tfjs's axes, or other dimensions of the same size). */
  output(shape: readonly number[], dtype: DataType, desc: MemoryDesc): Output {
    const block = this.allocate(desc.bytes);
    return { info: this.adopt(shape, dtype, { desc, block }), pointer: block.pointer };
  }

  /** A new tensor of values that are in native memory already; takes over the block. */
  adopt(shape: readonly number[], dtype: DataType, native: NativeData): TensorInfo {
    const dataId = {};
    const storage: Storage = { dtype, refCount: 1, host: null, native, copies: new Map(), workspace: null };
    this.#data.set(dataId, storage);
    return { dataId, shape: [...shape], dtype };
  }

  /** A new tensor of values on the host; takes over the array. */
  fromHost(values: backend_util.BackendValues, shape: readonly number[], dtype: DataType): TensorInfo {
    return { dataId: this.write(values, [...shape], dtype), shape: [...shape], dtype };
  }

  /** A tensor's values on the host, not to be modified. Reading native ones converts them to row-major order. */
  values({ dataId }: TensorInfo): backend_util.BackendValues {
    const { host } = this.#data.get(dataId);
    return host ?? this.readSync(dataId);
  }

  storage({ dataId }: TensorInfo): Storage {
    return this.#data.get(dataId);
  }

  /** A kept tensor of one repeated value, f32. */
  constant(value: number, size: number): TensorInfo {
    return this.constants(`${value} ${size}`, [size], () => new Float32Array(size).fill(value));
  }

  /** The address of a kept number, f32. */
  scalar(value: number): bigint {
    return this.input(this.constant(value, 1), this.descriptors.dense([1], 'f32'));
  }

  /** A kept tensor of the values that a name stands for, f32. */
  constants(name: string, shape: readonly number[], values: () => Float32Array): TensorInfo {
    let info = this.#constants.get(name);
    if (info === undefined) {
      info = this.fromHost(values(), shape, 'float32');
      this.#constants.set(name, info);
    }
    return info;
  }

  /** A block that the caller releases. */
  allocate(bytes: number): Block {
    if (this.statistics.isProfiling) this.statistics.countAllocation(bytes);
    return this.pool.allocate(bytes);
  }

  /** The compiled primitive for `key`; `operation` is called when there is none. @param args see Primitive */
  primitive(
    key: string,
    args: readonly number[],
    operation: () => Operation,
    postOps: readonly PostOp[] = [],
    hint?: () => Operation,
  ): Primitive {
    return this.#primitives.get(key, () => this.#compiled(args, operation, postOps, hint));
  }

  /** The same, to be executed by all threads at once, each alone on pieces of its own, where machine code can run. */
  team(
    key: string,
    args: readonly number[],
    operation: () => Operation,
    hint?: () => Operation,
  ): PrimitiveTeam {
    return this.#teams.get(key, () => {
      const { threads } = this;
      const primitive = this.#onOneThread(() => this.#compiled(args, operation, [], hint));
      return new PrimitiveTeam(this.native, primitive, threads);
    });
  }

  #compiled(
    args: readonly number[],
    operation: () => Operation,
    postOps: readonly PostOp[],
    hint?: () => Operation,
  ): Primitive {
    const wanted = operation();
    const forward = hint === undefined ? 0n : createPrimitiveDesc(this.native, hint());
    try {
      const primitiveDesc = createPrimitiveDesc(this.native, wanted, postOps, forward);
      return new Primitive(this.native, wanted.kind, primitiveDesc, args);
    } finally {
      if (forward !== 0n) this.native.library.common.dnnl_primitive_desc_destroy(forward);
    }
  }

  /** OpenMP's threads. */
  get threads(): number {
    return this.native.library.openmp?.omp_get_max_threads() ?? 1;
  }

  #onOneThread<T>(make: () => T): T {
    const { openmp } = this.native.library;
    const { threads } = this;
    openmp?.omp_set_num_threads(1);
    try {
      return make();
    } finally {
      openmp?.omp_set_num_threads(threads);
    }
  }

  /** Machine code of this program's own for `key`; `assemble` is called when there is none. */
  machineCode(key: string, assemble: () => Uint8Array): ParallelCode {
    return this.#machineCode.get(key, () => new ParallelCode(this.native.library, assemble()));
  }

  primitiveStatistics(): CacheStatistics {
    return this.#primitives.statistics();
  }

  /** @param buffers addresses in the order of the primitive's arguments, without the scratchpad */
  execute(primitive: Primitive, buffers: readonly bigint[]): void {
    this.onExecute?.(primitive, 1);
    if (primitive.scratchpadBytes === 0) {
      // The library describes even an empty scratchpad; nothing is read or written there.
      primitive.execute([...buffers, 0n]);
      return;
    }
    const scratchpad = this.allocate(primitive.scratchpadBytes);
    try {
      primitive.execute([...buffers, scratchpad.pointer]);
    } finally {
      this.pool.release(scratchpad);
    }
  }

  /** @param pieces buffers without the scratchpad, in the order of the primitive's arguments */
  executeTeam(team: PrimitiveTeam, pieces: Pieces): void {
    this.onExecute?.(team, pieces.count);
    const { threads } = this;
    const { descs, scratchpadBytes } = team.primitive;
    const [buffers, all] = [team.buffers, descs.size];
    const code = this.machineCode(`team|${buffers}|${all}`, () => teamCode(buffers, all));
    const table = this.allocate(team.tableBytes(threads));
    const bytes = sizeClass(scratchpadBytes);
    const scratchpads = this.allocate(threads * bytes);
    try {
      team.execute(code, threads, pieces, table.pointer, { pointer: scratchpads.pointer, bytes });
    } finally {
      this.pool.release(table);
      this.pool.release(scratchpads);
    }
  }

  /** Copies elements from one layout and type to another. */
  reorder(srcDesc: MemoryDesc, src: bigint, dstDesc: MemoryDesc, dst: bigint): void {
    const { library, abi } = this.native;
    if (abi.isPaddedReorderFaulty && (isPaddedTwice(srcDesc) || isPaddedTwice(dstDesc))) {
      hostReorder(library, srcDesc, src, dstDesc, dst);
      return;
    }
    const start = this.statistics.isProfiling ? performance.now() : 0;
    const primitive = this.primitive(`reorder|${srcDesc.id}|${dstDesc.id}`, [ARG.src, ARG.dst], () => ({
      kind: 'reorder',
      src: srcDesc,
      dst: dstDesc,
    }));
    this.execute(primitive, [src, dst]);
    if (this.statistics.isProfiling) {
      this.statistics.countReorder(srcDesc.bytes + dstDesc.bytes, performance.now() - start);
    }
  }

  /** Native values of a storage under `dims`; puts them in row-major order where their layout forbids that view. */
  #under(storage: Storage, shape: readonly number[], dims: readonly number[]): NativeData {
    let native = storage.native ?? this.#uploadStorage(storage, shape);
    let desc = this.descriptors.reshapeTo(native.desc, dims);
    if (desc === null) {
      const plain = this.descriptors.dense(native.desc.dims, native.desc.type);
      const block = this.allocate(plain.bytes);
      this.reorder(native.desc, native.block.pointer, plain, block.pointer);
      this.pool.release(native.block);
      native = { desc: plain, block };
      storage.native = native;
      desc = this.descriptors.dense(dims, plain.type);
    }
    return desc === native.desc ? native : { desc, block: native.block };
  }

  #uploadStorage(storage: Storage, shape: readonly number[]): NativeData {
    const { host, dtype } = storage;
    if (host === null || plainType(dtype) === null) {
      throw new UnsupportedError(`oneDNN cannot compute with a tensor of type ${dtype}.`);
    }
    storage.native = this.#upload(host as NumericArray, shape, dtype);
    return storage.native;
  }

  #upload(values: NumericArray, shape: readonly number[], dtype: DataType): NativeData {
    const desc = this.descriptors.dense(shape, plainType(dtype) as NativeType);
    const block = this.allocate(values.byteLength);
    if (values.length > 0) this.native.library.copyIn(block.pointer, bytesOf(values), values.byteLength);
    return { desc, block };
  }

  #download({ desc, block }: NativeData, dtype: DataType): NumericArray {
    const size = util.sizeFromShape([...desc.dims]);
    const values = hostArray(dtype, size);
    const bytes = bytesOf(values);
    const plain = this.descriptors.dense(desc.dims, plainType(dtype) as NativeType);
    if (desc.isRowMajor && desc.type === plain.type) {
      this.native.library.copyOut(bytes, block.pointer, bytes.length);
      return values;
    }
    const copy = this.allocate(plain.bytes);
    try {
      this.reorder(desc, block.pointer, plain, copy.pointer);
      this.native.library.copyOut(bytes, copy.pointer, bytes.length);
    } finally {
      this.pool.release(copy);
    }
    return values;
  }

  #releaseNative(storage: Storage): void {
    if (storage.native !== null) this.pool.release(storage.native.block);
    if (storage.workspace !== null) this.pool.release(storage.workspace.block);
    for (const block of storage.copies.values()) this.pool.release(block);
    storage.native = null;
    storage.workspace = null;
    storage.copies.clear();
  }
}

/** tfjs hands numbers over as arrays of its dtype, or as plain arrays. */
function toTyped(values: backend_util.BackendValues, dtype: DataType): NumericArray {
  const numbers = values as unknown as ArrayLike<number>;
  if (dtype === 'int32') return numbers instanceof Int32Array ? numbers : Int32Array.from(numbers);
  if (dtype === 'bool') return numbers instanceof Uint8Array ? numbers : Uint8Array.from(numbers, Number);
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
}
