/** The names under which networks are known; src/nets/index.ts maps each to its factory. */
export const NET_NAMES = [
  'bench',
  'deep',
  'fast94',
  'fast94-muon',
  'fast94-silu',
  'fast95',
  'fast95-muon',
  'fast95-silu',
  'fast96',
  'fast96-silu',
  'fast-proxy',
  'fast-proxy-muon',
] as const;

export type NetName = (typeof NET_NAMES)[number];

export function isNetName(name: string): name is NetName {
  return (NET_NAMES as readonly string[]).includes(name);
}

/** How a network of one's own is named: by its module's file, as a function of the program that trains it, or as imported. */
export const OWN_NET = /\.[mc]?js$|^(function|imported):/;

/** Whether a network is built by a module's file. */
export function isModule(model: string): boolean {
  return OWN_NET.test(model) && !/^(function|imported):/.test(model);
}

/** A network's name for people: of a module the file's, without its folder. */
export function netTitle(model: string): string {
  return isNetName(model) ? model : model.replace(/^.*[/\\]/, '');
}

/** What stands before a file's name as the network of a run that was made of it. */
export const IMPORTED = 'imported:';

export const isImported = (model: string): boolean => model.startsWith(IMPORTED);
