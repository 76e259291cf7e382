/** In place of node:fs, which options that name files would need; the page has none. */
const none = () => {
  throw new Error('A page has no files.');
};
export { none as readFileSync, none as statSync };
