import { UsageError } from '../util/errors.js';
import { parseDuration } from '../util/duration.js';
import { didYouMean } from '../util/suggest.js';
import { shown } from '../util/text.js';

export type OptionValue = string | number | boolean | readonly number[];

/** One row of an option table: what the command line and a configuration file may say, and nothing else. */
export interface OptionSpec {
  readonly type: 'integer' | 'number' | 'string' | 'choice' | 'boolean' | 'duration' | 'numbers';
  readonly description: string;
  readonly default: OptionValue;
  readonly choices?: readonly string[];
  /** What is taken beside the choices, and what it is called. */
  readonly orElse?: { readonly matches: RegExp; readonly what: string };
  /** Inclusive bounds, for numbers (each number of a list). */
  readonly min?: number;
  readonly max?: number;
  /** The word in the help text: `--epochs <n>`. */
  readonly placeholder?: string;
  readonly short?: string;
  /** The heading in the help text that it stands under; default: Options. */
  readonly group?: string;
}

/** `learningRate` → `--learning-rate`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function range(spec: OptionSpec): string {
  const { min, max } = spec;
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max !== undefined ? ` of at most ${max}` : '';
}

function inRange(spec: OptionSpec, value: number): boolean {
  return Number.isFinite(value) && value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity);
}

function parseNumber(text: string): number {
  return /^\s*$/.test(text) ? NaN : Number(text);
}

/** A number, or the text of one; NaN for anything else. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? parseNumber(value) : NaN;
}

function expectation(spec: OptionSpec): string {
  switch (spec.type) {
    case 'integer':
      return `a whole number${range(spec)}`;
    case 'number':
      return `a number${range(spec)}`;
    case 'numbers':
      return `numbers${range(spec)}, separated by commas`;
    case 'duration':
      return 'a duration such as 90s, 45m or 1h30m, or a number of seconds';
    case 'choice':
      return `one of ${(spec.choices ?? []).join(', ')}${spec.orElse === undefined ? '' : ` or ${spec.orElse.what}`}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'a text';
  }
}

/**
 * Checks one value, from the command line (a string) or from a file (any type), and returns it in its own type.
 * @throws UsageError naming the option, what was expected and what came
 */
export function parseOption(key: string, spec: OptionSpec, value: unknown, name = flagOf(key)): OptionValue {
  const refuse = (hint = ''): never => {
    throw new UsageError(`${name}: expected ${expectation(spec)}, got ${shown(value)}.${hint}`);
  };
  const number = numberOf(value);
  switch (spec.type) {
    case 'integer':
      return Number.isSafeInteger(number) && inRange(spec, number) ? number : refuse();
    case 'number':
      return inRange(spec, number) ? number : refuse();
    case 'numbers': {
      const parts: unknown[] = Array.isArray(value)
        ? value
        : typeof value === 'string'
          ? value.split(',')
          : [value];
      const numbers = value === '' ? [] : parts.map(numberOf);
      return numbers.every((n) => inRange(spec, n)) ? numbers : refuse();
    }
    case 'duration': {
      if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
      return (typeof value === 'string' ? parseDuration(value) : undefined) ?? refuse();
    }
    case 'choice': {
      if (typeof value === 'string' && spec.choices?.includes(value)) return value;
      if (typeof value === 'string' && spec.orElse?.matches.test(value) === true) return value;
      return refuse(typeof value === 'string' ? didYouMean(value, spec.choices ?? []) : '');
    }
    case 'boolean':
      if (value === true || value === 'true') return true;
      return value === false || value === 'false' ? false : refuse();
    case 'string':
      return typeof value === 'string' && value !== '' ? value : refuse();
  }
}
