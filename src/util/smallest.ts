/** The places of the smallest values (of equals the first), in rising order; all of them when there are no more. */
export function smallest(values: Float32Array, count: number): Uint32Array {
  const places = Uint32Array.from(values, (_, place) => place).sort((a, b) => values[a] - values[b] || a - b);
  return places.slice(0, count).sort();
}
