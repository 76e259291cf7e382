/** The names under which networks are known; src/nets/index.ts maps each to its factory. */
export const NET_NAMES = [
  'bench',
  'deep',
  'fast94',
  'fast94-muon',
  'fast95',
  'fast95-muon',
  'fast96',
  'fast-proxy',
  'fast-proxy-muon',
] as const;

export type NetName = (typeof NET_NAMES)[number];
