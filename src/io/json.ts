import * as v from 'valibot';
import type { CifarError } from '../util/errors.js';
import { messageOf, readProblem } from '../util/errors.js';
import { readTextFile } from '../util/readText.js';
import { shown } from '../util/text.js';

/** The fields of the JSON that this program reads. What a schema does not name is let through, as it was written. */

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const positiveCount = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
/** An accuracy, a probability: 0…1. */
export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/**
 * A value as its schema says.
 * @throws Error naming the field, what was expected there and what came
 */
export function checkValue<S extends v.GenericSchema>(value: unknown, schema: S): v.InferOutput<S> {
  let result: v.SafeParseResult<S>;
  try {
    result = v.safeParse(schema, value, { abortEarly: true });
  } catch (error) {
    // Nested deeper than the stack.
    throw new Error(messageOf(error), { cause: error });
  }
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  const where = field === null ? '' : `${shown(field)}: `;
  throw new Error(`${where}expected ${issue.expected ?? issue.message}, got ${shown(issue.input)}`);
}

/**
 * Reads a JSON file by its schema.
 * @param refuse makes the error from the reason, a part of a sentence
 */
export function readJson<S extends v.GenericSchema>(
  path: string,
  schema: S,
  refuse: (reason: string, cause: unknown) => CifarError,
): v.InferOutput<S> {
  try {
    return checkValue(JSON.parse(readTextFile(path)), schema);
  } catch (error) {
    throw refuse(readProblem(error), error);
  }
}
