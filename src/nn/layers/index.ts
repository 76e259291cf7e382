export { Activation } from './Activation.js';
export { BatchNormalization, type BatchNormalizationHints } from './BatchNormalization.js';
export { Conv2D } from './Conv2D.js';
export { Dense } from './Dense.js';
export { Dropout } from './Dropout.js';
export type { DropoutState } from './Dropout.js';
export { GlobalAveragePooling2D } from './GlobalAveragePooling2D.js';
export { Normalization } from './Normalization.js';
export { WholeMaxPooling2D } from './WholeMaxPooling2D.js';
