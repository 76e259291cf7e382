/**
 * The slope that ReLU has below 0. At slope 0 the library computes max(x, 0), which is 0 for NaN, too: a net whose weights
 * are lost goes on as if nothing were. At any other slope NaN stays. This one adds less than the last binary digit to all
 * that a negative x could be added to, and its products are far from the denormal numbers that processors are slow with.
 */
export const RELU_SLOPE = 1e-20;
