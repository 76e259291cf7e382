/** TrivialAugment (Müller and Hutter 2021): one operation of fourteen to each image, however strong. */
export { createTrivial } from './apply.js';
export { drawTrivial, type TrivialDraw } from './draw.js';
