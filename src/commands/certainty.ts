import { type Calibration, calibration } from '../evaluation/calibration.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { atTemperature, logitsOf } from '../evaluation/temperature.js';

const SOURCES: Readonly<Record<Evaluation['calibrated']['from'], string>> = {
  recipe: ' of its recipe',
  'held-out images': ' fitted on held-out images',
  nothing: '',
};

/** How sure a network is, and what that is worth: as it was trained, and at its temperature. */
export function certainty(
  trained: Calibration,
  calibrated?: Calibration & { temperature: number; from?: Evaluation['calibrated']['from'] },
): string[] {
  const points = ({ expectedError, interval }: Calibration): string =>
    `${(100 * expectedError).toFixed(2)} points (${interval.map((end) => (100 * end).toFixed(2)).join(' to ')})`;
  const first = `Its certainty is ${points(trained)} off the share that is right (expected calibration error, 15 bins; 95 % of samples)`;
  if (calibrated === undefined || calibrated.from === 'nothing') return [first];
  const { temperature, from = 'nothing', loss } = calibrated;
  return [
    first,
    `calibrated, at the temperature ${temperature.toFixed(3)}${SOURCES[from]}: ${points(calibrated)}, loss ${loss.toFixed(4)}`,
  ];
}

/** The same of averaged probabilities, whose temperature is not always known. */
export function meanCertainty(
  probabilities: Float32Array,
  labels: Uint8Array,
  temperature: number | undefined,
): string[] {
  const logits = logitsOf(probabilities);
  const trained = calibration(logits, labels);
  if (temperature === undefined) return certainty(trained);
  return certainty(trained, { ...calibration(atTemperature(logits, temperature), labels), temperature });
}
