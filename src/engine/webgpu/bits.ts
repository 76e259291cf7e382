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

/**
 * The nearest number of 16 bits. What does not fit becomes infinite, and what is no number stays none, by the bits: compilers may suppose that
 * neither occurs.
 */
export const HALF = `
fn half(value: f32) -> f16 {
  let bits = bitcast<u32>(value);
  let magnitude = bits & 0x7fffffffu;
  let other = ((bits >> 16u) & 0x8000u) | select(0x7c00u, 0x7e00u, magnitude > 0x7f800000u);
  return select(bitcast<vec2<f16>>(other).x, f16(value), magnitude < 0x477ff000u);
}`;
