import sharp, { type Sharp } from 'sharp';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../src/pictures/decode.js';
import { Rng } from '../../src/util/rng.js';

const COLOUR = { r: 50, g: 100, b: 200 };
const plain = (width = 40, height = 30) =>
  sharp({ create: { width, height, channels: 3, background: COLOUR } });

/** Grain, so that cutting a file short cuts pixels off. */
function grain(): Sharp {
  const rng = new Rng(1);
  const bytes = Uint8Array.from({ length: 64 * 64 * 3 }, () => rng.int(256));
  return sharp(bytes, { raw: { width: 64, height: 64, channels: 3 } });
}

/** A PNG of some size whose pixels are `data` (what zlib makes of it). */
function png(width: number, height: number, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, body: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(typed));
    return Buffer.concat([length, typed, sum]);
  };
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** CRC-32, bit by bit. */
function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

describe('decodePicture', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)('reads %s', async (format) => {
    const { rgb, width, height } = await decodePicture(await plain().toFormat(format).toBuffer());
    expect([width, height, rgb.length]).toEqual([40, 30, 3600]);
    for (const [c, value] of [50, 100, 200].entries()) expect(Math.abs(rgb[c] - value)).toBeLessThan(5);
  });

  it('turns as the EXIF data say', async () => {
    const left = await sharp({ create: { width: 20, height: 30, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    const halves = plain().composite([{ input: left, left: 0, top: 0 }]);
    const { rgb, width, height } = await decodePicture(
      await halves.withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer(),
    );
    expect([width, height]).toEqual([30, 40]);
    // What was on the left is above.
    expect(rgb[0]).toBeLessThan(10);
    expect(rgb[rgb.length - 1]).toBeGreaterThan(180);
  });

  it('shows white through what is transparent', async () => {
    const half = sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0.5 } },
    });
    const { rgb } = await decodePicture(await half.png().toBuffer());
    expect(rgb).toHaveLength(48);
    expect(Math.abs(rgb[0] - 127.5)).toBeLessThan(1.5);
  });

  it('reads grey, with and without transparency, as three equal channels', async () => {
    for (const grey of [plain().greyscale(), plain().ensureAlpha().toColourspace('b-w')]) {
      const { rgb } = await decodePicture(await grey.png().toBuffer());
      expect(rgb).toHaveLength(3600);
      expect(new Set([rgb[0], rgb[1], rgb[2]]).size).toBe(1);
    }
  });

  it('reads CMYK', async () => {
    const { rgb } = await decodePicture(await plain().toColourspace('cmyk').jpeg().toBuffer());
    expect(rgb).toHaveLength(3600);
    expect(rgb[2]).toBeGreaterThan(rgb[0] + 60);
  });

  it('reads 16 bits a channel by their upper eight', async () => {
    const words = new Uint16Array(300).fill(0x8040);
    const wide = sharp(words, { raw: { width: 10, height: 10, channels: 3 } }).toColourspace('rgb16');
    const { rgb } = await decodePicture(await wide.png().toBuffer());
    expect(rgb).toHaveLength(300);
    expect([...new Set(rgb)]).toEqual([0x80]);
  });

  it('gives the very pixels of a PNG', async () => {
    const { data } = await grain().raw().toBuffer({ resolveWithObject: true });
    const { rgb } = await decodePicture(await grain().png().toBuffer());
    expect(Buffer.compare(rgb, data)).toBe(0);
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff'] as const)(
    'refuses a %s that is cut short',
    async (format) => {
      const bytes = await grain().toFormat(format).toBuffer();
      for (const share of [0.1, 0.5, 0.9]) {
        const part = bytes.subarray(0, Math.round(bytes.length * share));
        await expect(decodePicture(part)).rejects.toThrow(/damaged, cut short|no picture of a kind/);
      }
    },
  );

  it.each([
    ['nothing', Buffer.alloc(0), /the file is empty/],
    ['a text', Buffer.from('not a picture at all'), /no picture of a kind that is read \(JPEG, PNG/],
    [
      'a drawing',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /no picture of a kind/,
    ],
    ['a document', Buffer.from('%PDF-1.4\n%âãÏÓ\n'), /no picture of a kind/],
    ['a header alone', png(64, 64, Buffer.alloc(0)), /damaged, cut short/],
    ['a header that promises more', png(64, 64, deflateSync(Buffer.alloc(100))), /damaged, cut short/],
    [
      'more pixels than any camera has',
      png(60000, 60000, deflateSync(Buffer.alloc(1000))),
      /more than 128 million pixels/,
    ],
    ['a side of 2³¹ − 1', png(2 ** 31 - 1, 1, deflateSync(Buffer.alloc(1000))), /million pixels|damaged/],
  ])('refuses %s', async (_name, bytes, reason) => {
    await expect(decodePicture(bytes)).rejects.toThrow(reason);
  });

  it('refuses a bomb before it unpacks it', async () => {
    // 300 MB of zeros in 300 kB; its header asks for 10¹⁰ pixels.
    const bomb = png(100_000, 100_000, deflateSync(Buffer.alloc(300e6)));
    const before = process.memoryUsage().rss;
    await expect(decodePicture(bomb)).rejects.toThrow(/more than 128 million pixels/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});
