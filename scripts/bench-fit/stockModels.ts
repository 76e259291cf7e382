import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';

/** Images of a step. */
export const BATCH = 128;

const IMAGE = [32, 32, 3];
const same = { kernelSize: 3, padding: 'same' } as const;
const relu = { activation: 'relu' } as const;
const answers = (): ReturnType<typeof layers.dense> => layers.dense({ units: 10, activation: 'softmax' });

/** Models as those who learn tfjs write them, of its stock layers: images from 0 to 1 → ten classes. */
export const STOCK_MODELS = {
  convolutional: (): LayersModel =>
    sequential({
      layers: [32, 64].flatMap((filters, i) => [
        layers.conv2d({ filters, ...same, ...relu, ...(i === 0 && { inputShape: IMAGE }) }),
        layers.batchNormalization(),
        layers.conv2d({ filters, ...same, ...relu }),
        layers.batchNormalization(),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.dropout({ rate: 0.2 }),
        ...(i === 0 ? [] : [layers.flatten(), layers.dense({ units: 128, ...relu }), answers()]),
      ]),
    }),
  separable: (): LayersModel =>
    sequential({
      layers: [
        layers.conv2d({ filters: 32, ...same, ...relu, inputShape: IMAGE }),
        layers.separableConv2d({ filters: 64, ...same, ...relu }),
        layers.separableConv2d({ filters: 128, ...same, strides: 2, ...relu }),
        layers.globalAveragePooling2d({}),
        answers(),
      ],
    }),
  upsampling: (): LayersModel =>
    sequential({
      layers: [
        layers.conv2d({ filters: 32, ...same, inputShape: IMAGE }),
        layers.leakyReLU(),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 64, ...same, activation: 'elu' }),
        layers.upSampling2d({ size: [2, 2] }),
        layers.conv2d({ filters: 32, ...same, activation: 'relu6' }),
        layers.globalMaxPooling2d({}),
        answers(),
      ],
    }),
  recurrent: (): LayersModel =>
    sequential({
      layers: [
        layers.reshape({ inputShape: IMAGE, targetShape: [32, 96] }),
        layers.lstm({ units: 64, recurrentInitializer: 'glorotNormal' }),
        answers(),
      ],
    }),
} satisfies Record<string, () => LayersModel>;

export type StockModel = keyof typeof STOCK_MODELS;
