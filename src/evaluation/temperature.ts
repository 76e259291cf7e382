/**
 * Temperature scaling: probabilities softmax(logits / T), with the one T that makes the labels of held-out images likeliest. No
 * answer changes by it, only how sure it is.
 * Source: Guo et al., "On Calibration of Modern Neural Networks", 2017.
 */

/** Bounds of a temperature: few images, all answered rightly, would ask for none at all. */
export const TEMPERATURES = { least: 0.1, most: 10 } as const;

/** Halvings of the interval between the bounds: to a millionth. */
const STEPS = 30;

/**
 * The temperature at which the labels are likeliest, within the bounds; 1 where there is nothing to fit on.
 * @param logits count × classes, row-major; finite
 * @param labels one class index a row
 */
export function fitTemperature(logits: Float32Array, labels: Uint8Array): number {
  // Answers that are all alike, or sure beyond all digits, say nothing of it.
  if (labels.length === 0 || lossSlope(logits, labels, 1) === 0) return 1;
  // In 1/T the loss is convex, so that its slope changes sign once.
  let [low, high] = [1 / TEMPERATURES.most, 1 / TEMPERATURES.least];
  for (let i = 0; i < STEPS; i++) {
    const middle = Math.sqrt(low * high);
    if (lossSlope(logits, labels, middle) < 0) low = middle;
    else high = middle;
  }
  return 1 / Math.sqrt(low * high);
}

/** d/db of the mean loss of b·logits, with b = 1/T: the mean of the expected logit less the label's. */
function lossSlope(logits: Float32Array, labels: Uint8Array, inverse: number): number {
  const classes = logits.length / labels.length;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const start = row * classes;
    let largest = -Infinity;
    for (let i = start; i < start + classes; i++) largest = Math.max(largest, logits[i]);
    let sum = 0;
    let weighted = 0;
    for (let i = start; i < start + classes; i++) {
      const weight = Math.exp(inverse * (logits[i] - largest));
      sum += weight;
      weighted += weight * logits[i];
    }
    total += weighted / sum - logits[start + labels[row]];
  }
  return total / labels.length;
}

/** Logits at a temperature. */
export function atTemperature(logits: Float32Array, temperature: number): Float32Array {
  return temperature === 1 ? logits : logits.map((logit) => logit / temperature);
}

/** Logits whose softmax is the probabilities given; a 0 counts as the least that 32 bits hold. */
export function logitsOf(probabilities: ArrayLike<number>): Float32Array {
  return Float32Array.from(probabilities, (probability) => Math.log(Math.max(probability, 1e-38)));
}
