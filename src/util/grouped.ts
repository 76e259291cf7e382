/** A whole number with a comma after each three digits: `50,000`. (toLocaleString loads tables for 50 ms at its first call.) */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
