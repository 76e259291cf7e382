/** Specs of tfjs-core that the backend is known to fail, and why. */
export interface Exclusion {
  readonly reason: string;
  /** The environment in which they fail; both by default. */
  readonly environment?: string;
  /** Full names without the environment's. */
  readonly specs: readonly string[];
}

export const exclusions: readonly Exclusion[] = [
  {
    reason:
      'the gradient is that of the mean over the elements within the image, which tfjs computes too; tfjs divides the gradient alone by the whole window, padding included',
    specs: ['avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit'],
  },
  {
    reason: 'oneDNN takes the number of a number and NaN (IEEE 754 maxNum): a limit that the README states',
    environment: 'native',
    specs: ['maximum propagates NaN', 'minimum propagates NaN'],
  },
];
