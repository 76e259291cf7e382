import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { downloadCifar10 } from '../../../src/dataset/fetch/download.js';
import { CIFAR10 } from '../../../src/dataset/cifar10.js';
import { recordBytes } from '../../../src/dataset/descriptor.js';
import { findFaults } from '../../../src/dataset/verify.js';
import { CifarError } from '../../../src/util/errors.js';
import {
  bytesOf,
  files,
  gzipBomb,
  npmMembers,
  pngOf,
  tarGz,
  torontoMembers,
  withMember,
  type Member,
} from './archives.js';
import { temporaryFolder } from '../../helpers/folders.js';

let root: string;
let dataDir: string;
beforeEach(() => {
  root = temporaryFolder();
  dataDir = join(root, 'data');
});

/** `cifar download --from` a file of this content; its name says nothing about it. */
function from(content: Buffer): ReturnType<typeof downloadCifar10> {
  const path = join(root, 'archive');
  writeFileSync(path, content);
  return downloadCifar10({ dataDir, source: 'auto', from: path, files });
}

test.each([
  ['the authors’', torontoMembers],
  ['the npm package’s', npmMembers],
])('%s archive is told by its content and gives the six files', async (_, members) => {
  expect(await from(tarGz(members))).toEqual({ served: 'file' });
  expect(findFaults(CIFAR10, dataDir, files)).toEqual([]);
  // The six, and what remembers their sums.
  expect(readdirSync(dataDir)).toHaveLength(7);
});

const bare: Member[] = files.map(({ name }) => [name, bytesOf.get(name) ?? Buffer.alloc(0)]);

const batch1 = 'cifar-10-batches-bin/data_batch_1.bin';
const png1 = 'package/data_batch_1.png';
const trainLabels = 'package/train_lables.json';
const good = tarGz(torontoMembers);
const middle = Math.floor(good.length / 2);

test.each<[string, Buffer, RegExp]>([
  ['no archive', Buffer.from('%PDF-1.4'), /archive is not a tar archive, compressed by gzip or not/],
  ['an empty file', Buffer.alloc(0), /not a tar archive, compressed by gzip or not/],
  ['gzip of something else', gzipSync(Buffer.alloc(5000, 'x')), /damaged|another archive/],
  ['cut short', good.subarray(0, middle), /archive is cut short/],
  ['a flipped bit', Buffer.from(good).fill(good[middle] ^ 16, middle, middle + 1), /damaged|cut short/],
  [
    'the Python version of the data set',
    tarGz([['cifar-10-batches-py/data_batch_1', Buffer.alloc(10)]]),
    /another archive \(it holds cifar-10-batches-py\/data_batch_1\).*expected cifar-10-binary/,
  ],
  ['an empty archive', tarGz([]), /damaged: .*Unrecognized archive format/],
  ['an archive that unpacks without end', gzipBomb(), /unpacks to more than CIFAR-10/],
  ['a batch left out', tarGz(withMember(torontoMembers, batch1)), /it lacks .*data_batch_1\.bin/],
  [
    'a batch too large',
    tarGz(withMember(torontoMembers, batch1, Buffer.alloc(files[0].images * recordBytes(CIFAR10) + 1))),
    /data_batch_1\.bin has 9220 bytes, expected at most 9219/,
  ],
  [
    'a batch altered',
    tarGz(withMember(torontoMembers, batch1, bytesOf.get('data_batch_2.bin'))),
    /damaged: its data_batch_1\.bin has SHA-256 .*, expected/,
  ],
  ['a batch twice', tarGz([...torontoMembers, torontoMembers[2]]), /data_batch_1\.bin comes twice/],
  [
    'a link in the place of a batch',
    tarGz(
      torontoMembers.map((member): Member =>
        member[0] === batch1 ? [batch1, Buffer.alloc(0), 'SymbolicLink'] : member,
      ),
    ),
    /data_batch_1\.bin is not a regular file/,
  ],
  ['a picture left out', tarGz(withMember(npmMembers, png1)), /it lacks data_batch_1\.png/],
  ['no picture', tarGz(withMember(npmMembers, png1, Buffer.alloc(100))), /data_batch_1\.png is not a PNG/],
  [
    'a picture of another size',
    tarGz(withMember(npmMembers, png1, pngOf('data_batch_1.bin', 1000))),
    /expected 1024×3 pixels of 8-bit RGB, found 1000×3/,
  ],
  [
    'a damaged picture',
    tarGz(withMember(npmMembers, png1, pngOf('data_batch_1.bin').subarray(0, 4000))),
    /data_batch_1\.png is a damaged picture/,
  ],
  ['labels left out', tarGz(withMember(npmMembers, trainLabels)), /it lacks train_lables\.json/],
  [
    'labels that are no JSON',
    tarGz(withMember(npmMembers, trainLabels, Buffer.from('['))),
    /train_lables\.json is not JSON/,
  ],
  [
    'labels that are no classes',
    tarGz(withMember(npmMembers, trainLabels, Buffer.from('[1, 2, 10]'))),
    /not a list of class indices/,
  ],
  [
    'too few labels',
    tarGz(withMember(npmMembers, trainLabels, Buffer.from('[1, 2]'))),
    /holds 2 labels, expected 15/,
  ],
])('%s is refused and leaves nothing', async (_, content, message) => {
  const failed = from(content);
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.toBeInstanceOf(CifarError);
  expect(findFaults(CIFAR10, dataDir, files)).toHaveLength(6);
  expect(readdirSync(root)).not.toContain('data.part');
  expect(readdirSync(root).includes('data') ? readdirSync(dataDir) : []).toEqual([]);
});

test.each([
  ['in no folder', () => tarGz(bare)],
  ['with ./ before each name', () => tarGz(bare.map(([name, bytes]): Member => [`./${name}`, bytes]))],
  ['in a folder of another name', () => tarGz(bare.map(([name, bytes]): Member => [`a/b/${name}`, bytes]))],
  ['not compressed', () => gunzipSync(tarGz(bare))],
])('the files in an archive %s are taken by their sums', async (_, content) => {
  await from(content());
  expect(findFaults(CIFAR10, dataDir, files)).toEqual([]);
});

test.each([
  ['a folder', ''],
  ['the folder that the archive unpacks to', 'cifar-10-batches-bin'],
])('the files in %s are taken; one alone is not', async (_, within) => {
  const folder = join(root, 'bare', within);
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of bare) writeFileSync(join(folder, name), bytes);
  const download = (path: string) => downloadCifar10({ dataDir, source: 'auto', from: path, files });
  await expect(download(join(folder, 'test_batch.bin'))).rejects.toThrow(
    /one of the files alone: give the folder/,
  );
  await download(join(root, 'bare'));
  expect(findFaults(CIFAR10, dataDir, files)).toEqual([]);
});

test('no such file, a folder', async () => {
  const download = (path: string) => downloadCifar10({ dataDir, source: 'auto', from: path, files });
  await expect(download(join(root, 'none'))).rejects.toThrow(
    /no file or folder .*none; expected cifar-10-binary/,
  );
  await expect(download(root)).rejects.toThrow(/lacks data_batch_1\.bin/);
});
