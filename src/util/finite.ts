/** Whether all values (of 32 bits) are numbers, none of them infinite: the sum of such cannot overflow 64 bits. */
export function areFinite(values: ArrayLike<number>): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return Number.isFinite(sum);
}
