/** A value of a file as messages show it: as JSON, on one line, and no longer than is of use. */
export function shown(value: unknown, maxLength = 60): string {
  if (value === undefined) return 'nothing';
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // It holds itself, or is nested deeper than the stack.
  }
  text ??= 'a structure that JSON cannot hold';
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** A text with all escaped that controls a terminal, but for ends of lines. */
export function printable(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A message fit for one line of a terminal: the middle of a very long one is left out. */
export function oneLine(text: string, maxLength = 1200): string {
  const escaped = printable(text).replaceAll('\n', '\\n');
  if (escaped.length <= maxLength) return escaped;
  return `${escaped.slice(0, maxLength * 0.7)} … ${escaped.slice(-maxLength * 0.3)}`;
}
