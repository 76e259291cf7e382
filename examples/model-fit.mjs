// A tfjs model of your own, trained by model.fit on the system's oneDNN library: node examples/model-fit.mjs
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { loadCifar10 } from 'cifar';
import { onednnStatus, useOnednn } from 'cifar/onednn';
import { useWasm } from 'cifar/wasm';

const { usable, reason } = await onednnStatus();
if (usable) console.log('oneDNN,', (await useOnednn()).threads, 'threads');
else await useWasm().then(() => console.log(`WebAssembly, since ${reason}`));

const { train } = loadCifar10({ limitTrain: 1000, limitTest: 1 });
const pixels = Float32Array.from(train.images, (value) => value / 255);
const images = tf.tensor4d(pixels, [train.count, 32, 32, 3]);
const labels = tf.tensor1d(Float32Array.from(train.labels));
const model = sequential({
  layers: [
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [32, 32, 3] }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.001), loss: 'sparseCategoricalCrossentropy' });
const { history } = await model.fit(images, labels, { epochs: 3, batchSize: 50, verbose: 0 });
console.log('loss', history.loss.map((loss) => loss.toFixed(3)).join(' '));
