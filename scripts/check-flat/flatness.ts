/** What a process holds between two training steps. */
export interface Reading {
  /** Updates made. */
  readonly step: number;
  /** Handles of oneDNN. */
  readonly handles: number;
  /** Bytes of tensors in native memory. */
  readonly poolBytes: number;
  /** Blocks that the pool has asked the system for, since the start. */
  readonly systemAllocations: number;
  /** tfjs's. */
  readonly tensors: number;
  /** Resident memory. */
  readonly residentBytes: number;
}

/** These must not change at all. */
const constant = ['handles', 'poolBytes', 'systemAllocations', 'tensors'] as const;
/** V8 collects when it likes: so much may come and go. */
export const residentSlack = 2 ** 26;

/** What is not flat from the first reading after the warm-up on; one sentence each. */
export function findGrowth(readings: readonly Reading[], warmUp: number): string[] {
  const [first, ...later] = readings.filter(({ step }) => step >= warmUp);
  if (later.length === 0) return [`There are not two readings after step ${warmUp}: take more steps.`];
  const faults: string[] = [];
  for (const reading of later) {
    for (const key of constant) {
      if (reading[key] === first[key]) continue;
      faults.push(
        `${key} was ${first[key]} after step ${first.step} and ${reading[key]} after ${reading.step}.`,
      );
    }
  }
  const last = later[later.length - 1];
  if (last.residentBytes > first.residentBytes + residentSlack) {
    faults.push(
      `Resident memory grew from ${first.residentBytes} bytes after step ${first.step} to ${last.residentBytes} after ${last.step}.`,
    );
  }
  return faults;
}
