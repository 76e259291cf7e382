/** Fixed views of images, whose answers are averaged: test-time augmentation without chance. */
export { VIEW_PRESETS, type ViewPreset, type WeightedView } from './presets.js';
export { viewImages, type View } from './viewImages.js';
