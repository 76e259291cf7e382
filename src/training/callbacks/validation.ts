import { evaluationBatches } from '../../evaluation/batches.js';
import { lossAndAccuracy } from '../../evaluation/metrics.js';
import { naturalOrder } from '../../dataset/imageSet.js';
import { predictPass } from '../../evaluation/predict.js';
import { fitTemperature } from '../../evaluation/temperature.js';
import { expectedTemperatures } from '../../runs/temperatures.js';
import { takeResult } from '../position.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** Loss and accuracy on the validation images, and the temperature of a single look, where those are held out for it. */
export function validation({ config, data, net, position, record }: Training): Callback {
  const images = data.validation;
  const batches = evaluationBatches(images);
  return {
    name: 'validation',
    async validate(epoch, signal) {
      const logits = await predictPass(net.logits, batches, 0, naturalOrder(images.count), signal);
      epoch.validation = lossAndAccuracy(logits, images.labels);
      epoch.record.validationLoss = epoch.validation.loss;
      epoch.record.validationAccuracy = epoch.validation.accuracy;
      if (data.validatedOn === 'held-out training images') {
        const single = fitTemperature(logits, images.labels);
        record.temperatures = { ...expectedTemperatures(config), single, from: 'held-out images' };
      }
      if (epoch.isComplete) epoch.isBest = takeResult(position, epoch.validation);
    },
    dispose: () => batches.close(),
  };
}
