/** One place of the ring: shared memory that holds a batch, of up to the batch size. */
export interface Slot {
  /** Place in the ring, from 0. */
  readonly number: number;
  /** float32, NHWC. */
  readonly images: Float32Array;
  /** Class of each image. */
  readonly labels: Uint8Array;
  /** Index of each image in its data set. */
  readonly indices: Uint32Array;
}

/**
 * Makes the ring, in memory that threads can share.
 * @param imageLength values of one image
 */
export function createSlots(count: number, batchSize: number, imageLength: number): Slot[] {
  return Array.from({ length: count }, (_, number) => ({
    number,
    images: new Float32Array(new SharedArrayBuffer(batchSize * imageLength * 4)),
    labels: new Uint8Array(new SharedArrayBuffer(batchSize)),
    indices: new Uint32Array(new SharedArrayBuffer(batchSize * 4)),
  }));
}
