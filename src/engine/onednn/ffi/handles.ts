/** Small helpers at the border: out-parameters and native arrays, all in memory of ours. */

/** A place for one handle that a call writes. */
export class OutPointer {
  readonly bytes = new Uint8Array(8);
  readonly #view = new BigUint64Array(this.bytes.buffer);

  get value(): bigint {
    return this.#view[0];
  }
}

/** A call whose first parameter receives a new handle. */
export function created(call: (out: Uint8Array) => void): bigint {
  const out = new OutPointer();
  call(out.bytes);
  return out.value;
}

/** `dnnl_dims_t`: twelve int64. */
export function nativeDims(values: readonly number[]): Uint8Array {
  const dims = new BigInt64Array(12);
  values.forEach((value, index) => (dims[index] = BigInt(value)));
  return new Uint8Array(dims.buffer);
}

/** An array of int32. */
export function nativeInts(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}
