/** What a model is exported as: tfjs's own format in a folder that is a run, or a file that other programs open. */
export const FORMATS = ['tfjs', 'onnx', 'keras', 'keras-h5', 'safetensors'] as const;

export type Format = (typeof FORMATS)[number];
