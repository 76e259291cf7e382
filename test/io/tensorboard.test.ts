import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../src/io/crc32c.js';
import { TensorBoardWriter } from '../../src/io/tensorboard.js';
import { temporaryFolder } from '../helpers/folders.js';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
});

/** The records of a file, lengths and sums checked. */
function records(path: string): Buffer[] {
  const bytes = readFileSync(path);
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

type Field = bigint | Buffer;

/** The fields of a protobuf message by number: integers, or the bytes of everything else. */
function fields(message: Buffer): Map<number, Field[]> {
  const found = new Map<number, Field[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const wire = key & 7;
    let value: Field;
    if (wire === 0) value = varint();
    else {
      const length = wire === 2 ? Number(varint()) : wire === 1 ? 8 : 4;
      value = message.subarray(at, at + length);
      at += length;
    }
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}

const bytesOf = (message: Map<number, Field[]>, field: number): Buffer[] =>
  (message.get(field) ?? []).filter((value) => typeof value !== 'bigint');

interface Event {
  time: number;
  step: number;
  version?: string;
  start?: boolean;
  values?: Record<string, number>;
}

function events(path: string): Event[] {
  return records(path).map((record) => {
    const event = fields(record);
    const [step] = event.get(2) ?? [0n];
    const [version] = bytesOf(event, 3);
    const [summary] = bytesOf(event, 5);
    const [session] = bytesOf(event, 7);
    const values = (summary === undefined ? [] : bytesOf(fields(summary), 1)).map((bytes) => {
      const value = fields(bytes);
      return [bytesOf(value, 1)[0].toString(), bytesOf(value, 2)[0].readFloatLE()] as const;
    });
    return {
      time: bytesOf(event, 1)[0].readDoubleLE(),
      step: Number(step),
      ...(version && { version: version.toString() }),
      ...(session && { start: fields(session).get(1)?.[0] === 1n }),
      ...(summary && { values: Object.fromEntries(values) }),
    };
  });
}

/** What TensorBoard shows of a tag: files in the order of their names; a later session start voids its step and on. */
function shown(tag: string): [number, number][] {
  let points: [number, number][] = [];
  let started = false;
  for (const name of readdirSync(folder).sort()) {
    for (const { step, start, values } of events(join(folder, name))) {
      if (start && started) points = points.filter(([earlier]) => earlier < step);
      started ||= start === true;
      if (values && tag in values) points.push([step, values[tag]]);
    }
  }
  return points;
}

const at = (seconds: number) => ({ now: () => seconds * 1000, host: 'host' });

describe('CRC-32C', () => {
  it('gives the known answers', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    // RFC 3720, B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });
});

describe('TensorBoard event files', () => {
  it('are the bytes that TensorFlow’s own message definitions give', () => {
    const writer = new TensorBoardWriter(folder, { ...at(1764000000.9), firstStep: 2 });
    writer.scalars(2, { 'loss/train': 0.5 });
    writer.scalars(300, { 'loss/train': 0.25 });
    writer.close();
    // Made with Google's protobuf for Python from the fields of event.proto, the sums by a bitwise CRC.
    const expected =
      'GAAAAAAAAACjf0siCZqZOUAgSdpBGg1icmFpbi5FdmVudDoy44Ssjg8AAAAAAAAAbVMrCQmamTlAIEnaQRACOgIIAe8HKu4gAAAAAAAAACntqVAJ' +
      'mpk5QCBJ2kEQAioTChEKCmxvc3MvdHJhaW4VAAAAP6HUrpohAAAAAAAAAAF77PYJmpk5QCBJ2kEQrAIqEwoRCgpsb3NzL3RyYWluFQAAgD7PBnD1';
    expect(writer.path).toBe(join(folder, 'events.out.tfevents.1764000000.host'));
    expect(readFileSync(writer.path).toString('base64')).toBe(expected);
  });

  it('hold version, session start and every value with its step and time', () => {
    let seconds = 1764000000.5;
    const writer = new TensorBoardWriter(join(folder, 'new'), { now: () => seconds * 1000, host: 'host' });
    seconds = 1764000100;
    writer.scalars(0, { 'loss/train': 2.25, 'accuracy/validation': 0, größe: NaN });
    writer.scalars(2 ** 40, { 'loss/train': -Infinity });
    writer.close();
    expect(events(writer.path)).toEqual([
      { time: 1764000000.5, step: 0, version: 'brain.Event:2' },
      { time: 1764000000.5, step: 0, start: true },
      { time: 1764000100, step: 0, values: { 'loss/train': 2.25, 'accuracy/validation': 0, größe: NaN } },
      { time: 1764000100, step: 2 ** 40, values: { 'loss/train': -Infinity } },
    ]);
  });

  it('hold what was added once it is flushed', () => {
    const writer = new TensorBoardWriter(folder, at(1764000000));
    writer.scalars(0, { a: 1 });
    expect(events(writer.path)).toHaveLength(2);
    writer.flush();
    expect(events(writer.path)).toHaveLength(3);
    writer.scalars(1, { a: 2 });
    writer.close();
    writer.close();
    expect(shown('a')).toEqual([[0, 1], [1, 2]]); // prettier-ignore
    expect(() => writer.scalars(2, { a: 3 })).toThrow('is closed');
  });

  it.each([
    ['the same second', 1764000000],
    ['a clock set back', 1000000000],
    ['a later time', 1764000999],
  ])('show repeated steps once after resuming at %s', (_, resumedAt) => {
    const run = (firstStep: number, steps: number[], value: number, seconds: number): void => {
      const writer = new TensorBoardWriter(folder, { ...at(seconds), firstStep });
      for (const step of steps) writer.scalars(step, { a: value });
      writer.close();
    };
    run(0, [0, 1, 2, 3], 1, 1764000000);
    run(2, [2, 3], 2, resumedAt);
    run(3, [3, 4], 3, resumedAt);
    expect(readdirSync(folder)).toHaveLength(3);
    expect(shown('a')).toEqual([[0, 1], [1, 1], [2, 2], [3, 3], [4, 3]]); // prettier-ignore
  });

  it('refuse what is no step, and a folder that cannot be made', () => {
    const writer = new TensorBoardWriter(folder, at(1764000000));
    for (const step of [-1, 0.5, NaN]) {
      expect(() => writer.scalars(step, { a: 1 })).toThrow(
        `Expected a step that is a whole number ≥ 0, got ${step}`,
      );
    }
    writer.close();
    expect(() => new TensorBoardWriter(folder, { firstStep: -1 })).toThrow('got -1');
    writeFileSync(join(folder, 'file'), '');
    expect(() => new TensorBoardWriter(join(folder, 'file'))).toThrow('Cannot write');
  });
});
