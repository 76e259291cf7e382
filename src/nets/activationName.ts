/** An activation's name from a layer's configuration, which holds it as such, as a class of that name, or not at all. */
export function activationName({ activation }: Readonly<Record<string, unknown>>): string {
  if (typeof activation === 'string') return activation;
  const named = activation as { className?: unknown } | null | undefined;
  return typeof named?.className === 'string' ? named.className : 'linear';
}
