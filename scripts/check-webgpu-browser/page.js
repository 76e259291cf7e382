/** The page's program: trains on the device that the browser gives, and sends what came of it. */
import * as tf from '@tensorflow/tfjs-core';
import * as stock from '@tensorflow/tfjs-backend-webgpu';
import { useWebGpu } from '../../src/webgpu.ts';
import { trainSteps } from './steps.ts';

const element = (id) => document.getElementById(id);
const say = (text) => {
  element('what').textContent = text;
  console.log(text);
};
const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());

async function train() {
  const start = performance.now();
  say('Trying every kernel on the device…');
  await useWebGpu(stock);
  const checkSeconds = (performance.now() - start) / 1000;
  const adapter = await navigator.gpu.requestAdapter();
  const { vendor, architecture, description } = adapter?.info ?? {};
  const device = [vendor, architecture, description].filter(Boolean).join(' ');
  const options = await (await fetch('/options')).json();
  say(`Training fast-proxy-muon on ${device}, ${options.batchSize} images a step…`);
  let made = 0;
  const slice = { images: await bytes('/images'), labels: await bytes('/labels') };
  const figures = await trainSteps(slice, options, ({ loss, accuracy }) => {
    const expected = options.expected[made++];
    const row = document.createElement('tr');
    for (const text of [
      made,
      loss.toFixed(5),
      expected.loss.toFixed(5),
      `${(100 * accuracy).toFixed(0)} %`,
    ]) {
      row.append(Object.assign(document.createElement('td'), { textContent: text }));
    }
    element('steps').append(row);
  });
  say(`Trained ${made} steps on ${device}; tensors left: ${tf.memory().numTensors}.`);
  return { figures, device, checkSeconds };
}

const answer = await train().catch((error) => ({ error: String(error) }));
if ('error' in answer) say(answer.error);
await fetch('/', { method: 'POST', body: JSON.stringify(answer) });
