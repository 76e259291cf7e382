import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pictureBase } from '../../src/commands/pictureBase.js';
import { temporaryFolder } from '../helpers/folders.js';

it.each([
  ['pl/', 'pl/curves'],
  ['a.SVG', 'a'],
  ['b.png', 'b'],
  ['v1.2', 'v1.2'],
])('a picture for %s is made as %s', (out, expected) => {
  expect(pictureBase(out, 'curves')).toBe(expected);
});

it('takes a folder that is there, and refuses another kind of picture', () => {
  const folder = temporaryFolder();
  expect(pictureBase(folder, 'curves')).toBe(join(folder, 'curves'));
  expect(() => pictureBase('x.JPG', 'curves')).toThrow(/expected a picture \.svg or \.png.*got "x\.JPG"/);
});
