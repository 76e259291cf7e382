import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageShape } from '../dataset/descriptor.js';

/** Number of parameters of a model: every number in its weights, trained or not (as Keras counts). */
export function countParameters(model: LayersModel): number {
  return sizes(model.weights);
}

/** Number of parameters that training changes by gradients. */
export function countTrainableParameters(model: LayersModel): number {
  return sizes(model.trainableWeights);
}

/** Those that are not Conv2D have several kernels, or one by channel. */
const OTHER_CONVOLUTIONS = ['DepthwiseConv2D', 'SeparableConv2D'];

/**
 * Floating-point operations of a forward pass for one image: two (a product and a sum) for each weight of a convolution
 * (a depthwise one, too) at each position of its output. Dense layers (0.3 % of our nets' work) and all that costs bandwidth rather than
 * arithmetic are left out, as in the published figures.
 * @param imageShape of the image, where it is not the model's own
 * @param only names of the layers that count; default: all
 */
export function countFlops(model: LayersModel, imageShape?: ImageShape, only?: ReadonlySet<string>): number {
  const shapes = imageShape === undefined ? undefined : shapesFor(model, imageShape);
  let flops = 0;
  for (const layer of model.layers) {
    const className = layer.getClassName();
    const isOther = OTHER_CONVOLUTIONS.includes(className);
    if ((className !== 'Conv2D' && !isOther) || only?.has(layer.name) === false) continue;
    // Of the output [N, H, W, C] the positions without batch and channels.
    const shape = shapes?.get(layer.name) ?? singleShape(layer.outputShape);
    const positions = product(shape.slice(1, -1));
    const kernels = layer.weights.filter(({ shape }) => shape.length === 4);
    // Of Conv2D the first weight: of a filter that is never trained, whose bias is first, the published figures count no more.
    flops += 2 * positions * sizes(isOther ? kernels : layer.weights.slice(0, 1));
  }
  return flops;
}

/** Bytes of the largest tensor, of float32, that a layer makes of one image. */
export function largestTensorBytes(model: LayersModel): number {
  const shapes = model.layers.map(({ outputShape }) => singleShape(outputShape).slice(1));
  return 4 * Math.max(...shapes.map(product));
}

type Shape = (number | null)[];

/** The shape of a layer with one output. */
export function singleShape(shape: Shape | Shape[]): Shape {
  return Array.isArray(shape[0]) ? shape[0] : (shape as Shape);
}

/** What each layer would give, by its name, of images of another shape than the model's. */
function shapesFor(model: LayersModel, imageShape: ImageShape): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const layer of model.layers) {
    const inputs = layer.inboundNodes[0].inboundLayers.map(({ name }) => shapes.get(name) ?? []);
    const given = inputs.length === 1 ? inputs[0] : inputs;
    shapes.set(
      layer.name,
      inputs.length === 0 ? [null, ...imageShape] : singleShape(layer.computeOutputShape(given)),
    );
  }
  return shapes;
}

function product(shape: Shape): number {
  return shape.reduce<number>((size, dimension) => size * (dimension ?? 1), 1);
}

function sizes(weights: { shape: Shape }[]): number {
  return weights.reduce((sum, weight) => sum + product(weight.shape), 0);
}
