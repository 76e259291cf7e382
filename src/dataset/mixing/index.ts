/** Mixing of the images of a batch with each other, and so of their labels. */
export { drawMixing, mixBatch, mixesImages, type Mixing } from './mixing.js';
