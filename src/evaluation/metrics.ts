/** Measures of a classifier's output; probabilities and logits are row-major, count × classes. */

export interface LossAndAccuracy {
  /** Mean cross-entropy in nats. */
  loss: number;
  /** Share of correct answers, 0 to 1. */
  accuracy: number;
}

/** Index of each row's largest value (the first of equals). */
export function argMaxRows(values: ArrayLike<number>, classes: number): Uint8Array {
  const rows = values.length / classes;
  const answer = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if (values[start + c] > values[start + best]) best = c;
    answer[row] = best;
  }
  return answer;
}

/** Share of rows whose largest value is at the label, 0 to 1; one row a label. */
export function accuracyOf(values: ArrayLike<number>, labels: Uint8Array): number {
  const predicted = argMaxRows(values, values.length / labels.length);
  let correct = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) correct++;
  return correct / labels.length;
}

/** log Σ exp of the row that begins at `start`; the largest value is taken out, so that nothing overflows. */
function logSumExp(logits: Float32Array, start: number, classes: number): number {
  let max = -Infinity;
  for (let c = 0; c < classes; c++) max = Math.max(max, logits[start + c]);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[start + c] - max);
  return max + Math.log(sum);
}

/** Softmax of each row, in double precision inside. */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const total = logSumExp(logits, start, classes);
    for (let c = 0; c < classes; c++) probabilities[start + c] = Math.exp(logits[start + c] - total);
  }
  return probabilities;
}

/** Loss and accuracy of logits: the mean of log Σ exp(logits) − logit of the label. */
export function lossAndAccuracy(logits: Float32Array, labels: Uint8Array): LossAndAccuracy {
  const classes = logits.length / labels.length;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const start = row * classes;
    total += logSumExp(logits, start, classes) - logits[start + labels[row]];
  }
  return { loss: total / labels.length, accuracy: accuracyOf(logits, labels) };
}

/** Counts by true class (row) and predicted class (column). */
export function confusionMatrix(predicted: Uint8Array, labels: Uint8Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]][predicted[i]]++;
  return counts;
}

export interface ClassScores {
  /** Of the images called this class, the share that is; NaN when none was called so. */
  precision: number;
  /** Of the images of this class, the share called so; NaN when there is none. */
  recall: number;
  f1: number;
  /** Number of images of this class. */
  support: number;
}

/** Precision, recall and F1 of each class from a confusion matrix. */
export function classScores(confusion: readonly (readonly number[])[]): ClassScores[] {
  return confusion.map((row, c) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    const called = confusion.reduce((sum, other) => sum + other[c], 0);
    const precision = row[c] / called;
    const recall = row[c] / support;
    return { precision, recall, f1: (2 * row[c]) / (support + called), support };
  });
}
