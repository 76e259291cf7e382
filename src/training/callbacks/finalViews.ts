import { averageViews } from '../../evaluation/averageViews.js';
import { lossAndAccuracy } from '../../evaluation/metrics.js';
import { fitTemperature } from '../../evaluation/temperature.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** The result with the views of --tta averaged, after the last epoch, and their temperature. */
export function finalViews({ config, data, net, record, skipViews }: Training): Callback {
  const preset = config.tta;
  if (preset === 'none' || skipViews) return { name: 'views' };
  const images = data.validation;
  return {
    name: 'views',
    async finalEvaluation(signal) {
      const { logits } = await averageViews(net.logits, images, { preset, ...(signal && { signal }) });
      record.tta = { preset, ...lossAndAccuracy(logits, images.labels) };
      if (record.temperatures?.from === 'held-out images') {
        record.temperatures = { ...record.temperatures, views: fitTemperature(logits, images.labels) };
      }
    },
  };
}
