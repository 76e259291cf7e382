import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ModelMetadata, loadModel } from '../io/modelFiles.js';
import type { Dataset } from '../dataset/descriptor.js';
import { NETS, type NetName } from '../nets/index.js';
import { namedWeights } from '../nets/namedWeights.js';
import { adoptConstants } from '../nets/adoptConstants.js';
import { scaleLogits } from '../nets/scaleLogits.js';
import { CifarError } from '../util/errors.js';
import { foldedTemperature } from './temperatures.js';

/**
 * Loads a model from its folder for computing here. A net of this program is built anew and takes the saved weights: its own
 * layers compute what the saved stock layers do, in fewer steps and with the precision each needs. Any other model
 * stays as it was saved. A temperature that an export has put into the weights is taken out of them, so that logits are those
 * that were trained, whatever the model has been through.
 * @param dataset whose images it classifies
 * @throws CifarError as `loadModel` does
 */
export async function openModel(
  folder: string,
  dataset: Dataset,
): Promise<{ model: LayersModel; metadata: ModelMetadata }> {
  const { model: saved, metadata } = await loadModel(folder);
  checkShapes(saved, folder, dataset);
  const model = await ownNet(saved, metadata, dataset);
  scaleLogits(model, foldedTemperature(metadata));
  return { model, metadata };
}

/** The net of this program that a saved model is, with its weights; or the saved model, where it is none. */
async function ownNet(saved: LayersModel, { net }: ModelMetadata, dataset: Dataset): Promise<LayersModel> {
  if (typeof net !== 'string' || !Object.hasOwn(NETS, net)) return saved;
  const model = NETS[net as NetName].build({ seed: null, dataset });
  const from = new Map(namedWeights(saved).map((weight) => [weight.name, weight.variable]));
  const pairs = namedWeights(model).map(({ name, variable }) => ({ variable, value: from.get(name) }));
  const fits = pairs.every(({ variable, value }) => value?.shape.join() === variable.shape.join());
  if (!fits || pairs.length !== from.size) {
    model.dispose();
    return saved;
  }
  for (const { variable, value } of pairs) if (value !== undefined) variable.assign(value);
  await adoptConstants(model);
  saved.dispose();
  return model;
}

/** @throws CifarError when a model takes other images than the data set's; it is disposed then */
function checkShapes(model: LayersModel, folder: string, { imageShape }: Dataset): void {
  const taken = model.inputs[0].shape.slice(1);
  if (taken.join() === imageShape.join()) return;
  model.dispose();
  throw new CifarError(
    `${folder}: expected a model that takes images of ${imageShape.join('×')}, got one of ${taken.join('×')}.`,
  );
}
