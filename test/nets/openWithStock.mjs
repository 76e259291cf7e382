// Opens a saved model as any tfjs program would, with nothing of this project, and prints its probabilities.
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-wasm';

await tf.setBackend('wasm');
const [folder] = process.argv.slice(2);
const { modelTopology, weightSpecs } = JSON.parse(readFileSync(`${folder}/model.json`, 'utf8'));
const weights = readFileSync(`${folder}/weights.bin`);
const images = readFileSync(`${folder}/images.bin`);
const floats = (bytes) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const model = await loadLayersModel(
  tf.io.fromMemory({ modelTopology, weightSpecs, weightData: floats(weights).buffer }),
);
const x = tf.tensor4d(floats(images), [images.length / 4 / 3072, 32, 32, 3]);
console.log(JSON.stringify(Array.from(model.predict(x).dataSync())));
