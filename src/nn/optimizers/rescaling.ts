/**
 * At which updates Muon rescales its filters: when at least first + ⌊(last − first)·progress⌋ updates were made since the last time, or since
 * the beginning, which counts as one. With 1 and 1 that is at every update, the first included.
 * @param total updates of the whole training
 */
export function rescalings(total: number, [first, last]: readonly number[]): readonly boolean[] {
  const isDue: boolean[] = [];
  let since = first === 1 ? 1 : 0;
  for (let step = 0; step < total; step++, since++) {
    isDue[step] = since >= first + Math.floor(((last - first) * step) / total);
    if (isDue[step]) since = 0;
  }
  return isDue;
}
