// Trains a small network for a moment, measures it, and asks it about pictures: node examples/train-and-predict.mjs photo.jpg …
import { evaluate, predict, train } from 'cifar';

const run = await train({
  model: 'fast-proxy',
  augment: 'fast',
  limitTrain: Number(process.env.IMAGES ?? 10_000),
  limitTest: 500,
  batchSize: 100,
  epochs: 2,
  onEpoch: ({ epoch, validationAccuracy }) => console.log(`epoch ${epoch + 1}: ${validationAccuracy}`),
});
const { accuracy } = await evaluate(run);
console.log(`${run.path}: ${(100 * accuracy).toFixed(1)} % of the test images`);

for (const { picture, classes, error } of await predict(process.argv.slice(2), run)) {
  console.log(picture, error ?? `${classes[0].class} ${(100 * classes[0].probability).toFixed(1)} %`);
}
