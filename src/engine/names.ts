/** What users may ask for; a file of its own, so that a help text need not load what computes. */
export const BACKEND_REQUESTS = [
  'auto',
  'tensorflow-gpu',
  'webgpu',
  'onednn',
  'tensorflow',
  'wasm',
  'cpu',
] as const;

export type BackendRequest = (typeof BACKEND_REQUESTS)[number];
