import { describe, expect, it } from 'vitest';
import { type OptionSpec, flagOf, parseOption } from '../../src/config/optionSpec.js';
import { UsageError } from '../../src/util/errors.js';

const spec = (over: Partial<OptionSpec>): OptionSpec => ({
  type: 'integer',
  description: '',
  default: 0,
  ...over,
});

describe('parseOption', () => {
  it.each([
    ['integer', spec({ min: 1, max: 9 }), '7', 7],
    ['number', spec({ type: 'number' }), '1e-3', 0.001],
    ['numbers', spec({ type: 'numbers' }), '100,140', [100, 140]],
    ['numbers from a file', spec({ type: 'numbers' }), [1, 2], [1, 2]],
    ['no numbers', spec({ type: 'numbers' }), '', []],
    ['duration', spec({ type: 'duration' }), '1h30m', 5400],
    ['duration in seconds from a file', spec({ type: 'duration' }), 90, 90],
    ['the same from the command line', spec({ type: 'duration' }), '90', 90],
    ['no duration', spec({ type: 'duration' }), '0', 0],
    ['choice', spec({ type: 'choice', choices: ['a', 'b'] }), 'b', 'b'],
    ['boolean', spec({ type: 'boolean' }), true, true],
  ])('takes %s', (_name, option, text, value) => {
    expect(parseOption('x', option, text)).toEqual(value);
  });

  it.each([
    ['a fraction for a whole number', spec({}), '1.5', /--some-key: expected a whole number, got "1.5"/],
    ['an empty text', spec({}), '', /got ""/],
    ['a number out of range', spec({ min: 1, max: 9 }), '10', /from 1 to 9, got "10"/],
    ['infinity', spec({ type: 'number' }), 'Infinity', /expected a number/],
    ['a word among numbers', spec({ type: 'numbers' }), '1,x', /separated by commas/],
    ['a number for a text', spec({ type: 'string' }), 3, /expected a text, got 3/],
    [
      'a misspelt choice',
      spec({ type: 'choice', choices: ['strong', 'none'] }),
      'stong',
      /Did you mean "strong"\?/,
    ],
    ['a time in a unit there is not', spec({ type: 'duration' }), '90d', /such as 90s/],
    ['yes for true', spec({ type: 'boolean' }), 'yes', /true or false/],
  ])('refuses %s', (_name, option, text, message) => {
    expect(() => parseOption('someKey', option, text)).toThrow(message);
    expect(() => parseOption('someKey', option, text)).toThrow(UsageError);
  });
});

describe('flagOf', () => {
  it('writes keys as flags', () => {
    expect(flagOf('learningRate')).toBe('--learning-rate');
  });
});
