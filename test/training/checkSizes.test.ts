import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { selectBackend } from '../../src/engine/select.js';
import { NETS, logitsModel } from '../../src/nets/index.js';
import { NET_NAMES } from '../../src/nets/names.js';
import { checkSizes } from '../../src/training/checkSizes.js';

beforeAll(async () => {
  await selectBackend('wasm');
});

it.each(NET_NAMES)('%s takes images of 24 and 28 pixels', (name) => {
  const model = NETS[name].build({ seed: null, dataset: CIFAR10 });
  const config = { model: name, imageSizes: '24,28@0.5,32@0.7' };
  expect(() => checkSizes({ logits: logitsModel(model) }, config, [24, undefined, 28])).not.toThrow();
  model.dispose();
});

it('a net with a dense layer over all positions is refused', () => {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [32, 32, 3], filters: 2, kernelSize: 3 }),
      layers.flatten(),
      layers.dense({ units: 10 }),
    ],
  });
  const config = { model: 'net.mjs', imageSizes: '32,24@0.5,32@0.7' };
  expect(() => checkSizes({ logits: model }, config, [undefined, undefined])).not.toThrow();
  expect(() => checkSizes({ logits: model }, config, [undefined, 24])).toThrow(
    '--image-sizes 32,24@0.5,32@0.7: net.mjs does not take images of 24×24 (',
  );
  model.dispose();
});

it('a net whose pool is larger than its last map is refused', () => {
  const model = sequential({
    layers: [
      layers.averagePooling2d({ inputShape: [32, 32, 3], poolSize: 28 }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 10 }),
    ],
  });
  const config = { model: 'net.mjs', imageSizes: '24,32@0.5' };
  expect(() => checkSizes({ logits: model }, config, [24])).toThrow('does not take images of 24×24');
  model.dispose();
});
