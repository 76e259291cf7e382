import type { Dataset } from './descriptor.js';

/**
 * CIFAR-10 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009): 60,000 small photographs in ten
 * classes. Files, names and counts are those of its "binary version"; a test holds the statistics and the files together.
 */
export const CIFAR10: Dataset = {
  name: 'CIFAR-10',
  classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  imageShape: [32, 32, 3],
  trainImages: 50_000,
  testImages: 10_000,
  statistics: {
    means: [0.49139968, 0.48215841, 0.44653091],
    deviations: [0.24703223, 0.24348513, 0.26158784],
  },
  trainFiles: [
    {
      name: 'data_batch_1.bin',
      images: 10_000,
      sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    },
    {
      name: 'data_batch_2.bin',
      images: 10_000,
      sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    },
    {
      name: 'data_batch_3.bin',
      images: 10_000,
      sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
    },
    {
      name: 'data_batch_4.bin',
      images: 10_000,
      sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
    },
    {
      name: 'data_batch_5.bin',
      images: 10_000,
      sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
    },
  ],
  testFiles: [
    {
      name: 'test_batch.bin',
      images: 10_000,
      sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
    },
  ],
};
