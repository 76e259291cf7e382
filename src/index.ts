/**
 * Training, measuring, averaging and using CIFAR-10 classifiers from a program: what the commands of `cifar` do, as functions.
 * None of them prints or ends the process; what takes long tells how it goes by callbacks, and stops when its AbortSignal says so.
 */
export { ensemble, type EnsembleOptions } from './api/ensemble.js';
export type { EngineOptions } from './api/engine.js';
export { evaluate, type EvaluateOptions, type ModelOptions } from './api/evaluate.js';
export { exportModel, type ExportOptions } from './api/exportModel.js';
export { importModel, type ImportOptions } from './api/importModel.js';
export { loadCifar10 } from './api/loadCifar10.js';
export {
  type Classifier,
  type PredictOptions,
  type Prediction,
  keptModel,
  openClassifier,
  predict,
} from './api/predict.js';
export { Run, openRun } from './api/run.js';
export { type ResumeOptions, type TrainCallbacks, type TrainOptions, resume, train } from './api/train.js';
export { tta, type TtaOptions } from './api/tta.js';
export { CIFAR10 } from './dataset/cifar10.js';
export type { Dataset } from './dataset/descriptor.js';
export type { ImageSet } from './dataset/imageSet.js';
export type { EnsembleResult } from './ensembles/averaging.js';
export type { Calibration } from './evaluation/calibration.js';
export type { Evaluation } from './evaluation/evaluate.js';
export type { TtaResult } from './evaluation/testTimeAugment.js';
export type { BuildOwnNet, OwnNetContext } from './nets/index.js';
export type { EpochRecord } from './runs/history.js';
export type { RunRecord } from './runs/runRecord.js';
export { CifarError, InterruptedError, UsageError } from './util/errors.js';
export { EngineError } from './engine/errors.js';
