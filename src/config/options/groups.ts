/** The groups of the help text, in its order: what most need comes first. */
export const GROUPS = {
  start: 'Start here:',
  result: 'Data and results:',
  optimizer: 'Optimizer:',
  schedule: 'Schedule of the rate, and averaged weights:',
  images: 'Choice of images:',
  engine: 'Engine:',
  folders: 'Folders:',
} as const;
