import koffi from 'koffi';
import { LibraryError } from '../errors.js';
import { undisturbed } from './openmpLoading.js';
import {
  type Bound,
  commonSymbols,
  gompSymbols,
  koffiTypes,
  libcSymbols,
  linuxSymbols,
  loaderSymbols,
  openmpSymbols,
  type Signature,
  symbols2,
  symbols3,
} from './symbols.js';

/** Set this variable to the path of a libdnnl to use that one and no other. */
export const LIBRARY_VARIABLE = 'CIFAR_ONEDNN_LIBRARY';

const libraryNames: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  // Debian's 3.x packages put the minor version into the name that programs link with.
  linux: ['libdnnl.so.3', ...debianNames(12), 'libdnnl.so.2', 'libdnnl.so'],
  darwin: [
    'libdnnl.3.dylib',
    '/opt/homebrew/lib/libdnnl.3.dylib',
    '/usr/local/lib/libdnnl.3.dylib',
    'libdnnl.2.dylib',
    '/opt/homebrew/lib/libdnnl.2.dylib',
    '/usr/local/lib/libdnnl.2.dylib',
  ],
};

function debianNames(newestMinor: number): string[] {
  return Array.from({ length: newestMinor + 1 }, (_, i) => `libdnnl.so.3.${newestMinor - i}`);
}

export interface NativeLibrary {
  readonly path: string;
  /** Major, minor, patch. */
  readonly version: readonly [number, number, number];
  readonly common: Bound<typeof commonSymbols>;
  readonly versioned:
    | { readonly major: 2; readonly symbols: Bound<typeof symbols2> }
    | { readonly major: 3; readonly symbols: Bound<typeof symbols3> };
  readonly libc: Bound<typeof libcSymbols>;
  readonly linux: Bound<typeof linuxSymbols> | null;
  /** memcpy between typed arrays and native memory, and within that. */
  copyIn(to: bigint, from: Uint8Array, bytes: number): void;
  copyOut(to: Uint8Array, from: bigint, bytes: number): void;
  copy(to: bigint, from: bigint, bytes: number): void;
  /** memset to zeros. */
  clear(at: bigint, bytes: number): void;
  /** The C string at an address. */
  text(pointer: bigint): string;
  /** Where a function of the library is. */
  addressOf(name: keyof typeof commonSymbols): bigint;
  /** Absent where the library is not built on OpenMP. */
  readonly openmp: Bound<typeof openmpSymbols> | null;
  readonly gomp: Bound<typeof gompSymbols> | null;
}

type Handle = ReturnType<typeof koffi.load>;

function bind<T extends Record<string, Signature>>(library: Handle, table: T): Bound<T> {
  const functions = Object.entries(table).map(([name, [result, parameters]]) => [
    name,
    library.func(
      name,
      koffiTypes[result],
      parameters.map((type) => koffiTypes[type]),
    ),
  ]);
  return Object.fromEntries(functions) as Bound<T>;
}

function installAdvice(): string {
  return [
    'To install it: Debian or Ubuntu: sudo apt-get install libdnnl2 (Debian 13 and later: libdnnl3.6);',
    'Fedora: sudo dnf install onednn; Arch: sudo pacman -S onednn; macOS: brew install onednn.',
    `Or set ${LIBRARY_VARIABLE} to the path of a libdnnl of version 2.6 or later, or 3.x.`,
  ].join(' ');
}

function open(names: readonly string[]): { handle: Handle; path: string } {
  // Names by the reason they failed for: usually one.
  const failures = new Map<string, string[]>();
  for (const name of names) {
    try {
      return { handle: koffi.load(name), path: name };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.set(reason, [...(failures.get(reason) ?? []), name]);
    }
  }
  const tried =
    failures.size === 0
      ? `no name is known for ${process.platform}`
      : [...failures].map(([reason, failed]) => `${failed.join(', ')} (${reason})`).join('; ');
  throw new LibraryError(`The oneDNN library was not found. Tried: ${tried}. ${installAdvice()}`);
}

/** RTLD_NOW, on Linux as on macOS. */
const resolveNow = 2;

/**
 * Keeps an open library in the process to its very end, by a reference that nobody gives back. koffi closes its own when
 * Node ends; OpenMP's threads, which after each parallel region look out for the next one for a while, would then run in
 * memory that is gone.
 * @returns where its functions are
 */
function keepLoaded(path: string): NativeLibrary['addressOf'] {
  const { dlopen, dlsym } = bind(koffi.load(null), loaderSymbols);
  const library = dlopen(path, resolveNow);
  // koffi gives NULL as null here.
  if (!library) throw new LibraryError(`${path} was opened once and cannot be again.`);
  const known = new Map<string, bigint>();
  return (name) => {
    const address = known.get(name) ?? dlsym(library, name);
    known.set(name, address);
    return address;
  };
}

function readVersion(common: Bound<typeof commonSymbols>, path: string): readonly [number, number, number] {
  const pointer = common.dnnl_version();
  const part = (offset: number): number => koffi.decode(pointer, offset, 'int') as number;
  const version = [part(0), part(4), part(8)] as const;
  const [major, minor] = version;
  if (major === 3 || (major === 2 && minor >= 6)) return version;
  throw new LibraryError(
    `${path} is oneDNN ${version.join('.')}; versions 2.6 to 2.x and 3.x are supported. ${installAdvice()}`,
  );
}

/** Finds, opens and binds the library. @throws LibraryError with what was tried and how to install it */
export function loadLibrary(environment: NodeJS.ProcessEnv = process.env): NativeLibrary {
  const chosen = environment[LIBRARY_VARIABLE];
  const names = chosen === undefined || chosen === '' ? (libraryNames[process.platform] ?? []) : [chosen];
  const { handle, path } = undisturbed(() => open(names));
  try {
    const addressOf = keepLoaded(path);
    const common = bind(handle, commonSymbols);
    const version = readVersion(common, path);
    const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6');
    const memset = libc.func('memset', 'void *', ['void *', 'int', 'size_t']);
    return {
      path,
      version,
      common,
      versioned:
        version[0] === 2
          ? { major: 2, symbols: bind(handle, symbols2) }
          : { major: 3, symbols: bind(handle, symbols3) },
      libc: bind(libc, libcSymbols),
      linux: process.platform === 'linux' ? bind(libc, linuxSymbols) : null,
      copyIn: libc.func('memcpy', 'void', ['void *', 'uint8_t *', 'size_t']),
      copyOut: libc.func('memcpy', 'void', ['uint8_t *', 'void *', 'size_t']),
      copy: libc.func('memcpy', 'void', ['void *', 'void *', 'size_t']),
      clear: (at, bytes) => void memset(at, 0, bytes),
      text: (pointer) => koffi.decode.string(pointer),
      addressOf,
      openmp: bindIfThere(handle, openmpSymbols),
      gomp: bindIfThere(handle, gompSymbols),
    };
  } catch (error) {
    if (error instanceof LibraryError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LibraryError(`${path} cannot be used as oneDNN: ${reason}. ${installAdvice()}`, {
      cause: error,
    });
  }
}

/** The symbols are looked up in the library and in what it is linked with. */
function bindIfThere<T extends Record<string, Signature>>(handle: Handle, table: T): Bound<T> | null {
  try {
    return bind(handle, table);
  } catch {
    return null;
  }
}
