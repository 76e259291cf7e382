/** ReLU by the bits: a compiler that supposes that there is no NaN would make 0 of one, and nobody would see that training diverged. */
export const RECTIFIED = `
fn rectified(value: f32) -> f32 {
  let bits = bitcast<u32>(value);
  let isNegative = bits > 0x80000000u && bits <= 0xff800000u;
  return select(value, 0.0, isNegative);
}`;

/** Whether a number is neither infinite nor NaN, by its bits for the same reason. */
export const IS_FINITE = `
fn isFinite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u; }`;
