import type { Group } from 'h5wasm';
import type { Weight } from '../calls.js';
import { memoryFile } from './memoryFile.js';

/** What is written into an HDF5 file: groups come into being with what is written into them. */
export interface Hdf5Writer {
  /** A text, or several; none of them leaves the attribute out. */
  attribute(path: string, name: string, value: string | readonly string[]): void;
  group(path: string): void;
  weight(path: string, weight: Weight): void;
}

/** @returns the bytes of an HDF5 file */
export async function makeHdf5(write: (file: Hdf5Writer) => void): Promise<Uint8Array> {
  const { library, FS, path } = await memoryFile();
  const file = withoutTime(() => new library.File(path, 'w'));
  const groupAt = (names: readonly string[]): Group =>
    names.reduce<Group>(
      (group, name) => (group.keys().includes(name) ? (group.get(name) as Group) : group.create_group(name)),
      file,
    );
  const writer: Hdf5Writer = {
    attribute(at, name, value) {
      if (value.length === 0) return;
      // Of a length that varies: others are kept in the object's header, which has room for 64 kB.
      const [data, shape] = typeof value === 'string' ? [value, null] : [[...value], [value.length]];
      groupAt(partsOf(at)).create_attribute(name, data, shape, 'S');
    },
    group(at) {
      groupAt(partsOf(at));
    },
    weight(at, { shape, values }) {
      const names = partsOf(at);
      const data = { name: names[names.length - 1], data: values, shape: [...shape], dtype: '<f4' };
      groupAt(names.slice(0, -1)).create_dataset(data);
    },
  };
  try {
    withoutTime(() => {
      try {
        write(writer);
      } finally {
        file.close();
      }
    });
    return FS.readFile(path);
  } finally {
    FS.unlink(path);
  }
}

/** The library writes down when each object was made, by the program's clock: one model would give files that differ. */
function withoutTime<T>(run: () => T): T {
  const clock = Object.getOwnPropertyDescriptor(Date, 'now') as PropertyDescriptor;
  Object.defineProperty(Date, 'now', { ...clock, value: () => 0 });
  try {
    return run();
  } finally {
    Object.defineProperty(Date, 'now', clock);
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((name) => name !== '');
