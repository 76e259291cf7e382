import type { LayersModel } from '@tensorflow/tfjs-layers';

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
 */
export function countFlops(model: LayersModel): number {
  let flops = 0;
  for (const layer of model.layers) {
    const className = layer.getClassName();
    const isOther = OTHER_CONVOLUTIONS.includes(className);
    if (className !== 'Conv2D' && !isOther) continue;
    // Of the output [N, H, W, C] the positions without batch and channels.
    const positions = product(singleShape(layer.outputShape).slice(1, -1));
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

function product(shape: Shape): number {
  return shape.reduce<number>((size, dimension) => size * (dimension ?? 1), 1);
}

function sizes(weights: { shape: Shape }[]): number {
  return weights.reduce((sum, weight) => sum + product(weight.shape), 0);
}
