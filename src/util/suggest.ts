import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean "x"?` when a known word is close to what was typed, else the empty string. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word.toLowerCase(), [...known]);
  const allowed = Math.max(2, Math.floor(nearest.length / 2));
  return distance(word.toLowerCase(), nearest.toLowerCase()) <= allowed ? ` Did you mean "${nearest}"?` : '';
}
