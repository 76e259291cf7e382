import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Whether the gradients of a net's updates were finite, as far as its backend says so by flags on a device. They are read beside the
 * next step's loss, since a reading of their own would make the device wait.
 */
export class FiniteWatch {
  private flags: Tensor[] = [];

  /** @param flags of one update, [1] each; they are disposed when they have been read */
  add(flags: readonly Tensor[]): void {
    this.flags.push(...flags);
  }

  /** @returns whether all updates since the last call had finite gradients */
  async areFinite(): Promise<boolean> {
    const flags = this.flags.splice(0);
    const values = await Promise.all(flags.map((flag) => flag.data()));
    for (const flag of flags) flag.dispose();
    return values.every(([isRaised]) => isRaised === 0);
  }

  dispose(): void {
    for (const flag of this.flags.splice(0)) flag.dispose();
  }
}
