/**
 * What training needs and tfjs composes badly: one operation a file, with its kernel's name, a portable kernel for
 * backends that have none of their own, and its gradient.
 */
export { adamUpdateAll } from './AdamUpdateAll.js';
export { batchNormTraining } from './BatchNormTraining.js';
export { ACTIVATION_KERNELS } from './normActivation.js';
export type { NormActivation } from './normActivation.js';
export type { BatchNormTrainingResult } from './BatchNormTraining.js';
export { convBiasActivation, hasUnevenPadding } from './convBiasActivation.js';
export type { ConvOptions } from './convBiasActivation.js';
export { denseBiasActivation } from './denseBiasActivation.js';
export type { FusedActivation } from './fusedActivation.js';
export { gelu } from './Gelu.js';
export { globalAveragePool } from './GlobalAveragePool.js';
export { lerpAll } from './LerpAll.js';
export { movingMoments } from './MovingMoments.js';
export { muonUpdateAll } from './MuonUpdateAll.js';
export { frobeniusNorm, orthogonalize } from './orthogonalize.js';
export { registerPortableKernels } from './register.js';
export { scaleAll } from './ScaleAll.js';
export { seededDropout } from './SeededDropout.js';
export { sgdUpdateAll } from './SgdUpdateAll.js';
export { silu } from './Silu.js';
export { softmaxCrossEntropy } from './SoftmaxCrossEntropy.js';
export type { SoftmaxCrossEntropyResult } from './SoftmaxCrossEntropy.js';
export type { UpdatedAll } from './tensorGroups.js';
