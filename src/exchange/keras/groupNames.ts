/** The names of the groups in which .keras files hold the weights of layers: by their classes, numbered. */
export function groupNames(classNames: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return classNames.map((className) => {
    const kind = snakeCase(className);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return `layers/${count === 0 ? kind : `${kind}_${count}`}/vars`;
  });
}

/** As Keras derives names from those of classes: Conv2D → conv2d, MaxPooling2D → max_pooling2d, ReLU → re_lu. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
