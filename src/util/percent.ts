/** `93.14 %` of a share between 0 and 1. */
export function percent(share: number, digits = 2): string {
  return Number.isNaN(share) ? '–' : `${(share * 100).toFixed(digits)} %`;
}
