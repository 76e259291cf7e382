/** The names under which networks are known; src/nets/index.ts maps each to its factory. */
export const NET_NAMES = ['bench', 'deep'] as const;

export type NetName = (typeof NET_NAMES)[number];
