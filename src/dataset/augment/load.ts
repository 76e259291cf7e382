import { UsageError, messageOf, readProblem } from '../../util/errors.js';
import { didYouMean } from '../../util/suggest.js';
import { readTextFile } from '../../util/readText.js';
import { parseAugment, type AugmentConfig } from './config.js';
import { AUGMENT_PRESETS } from './presets.js';

function readText(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read the augmentation file ${path}: ${readProblem(error)}.`, {
      cause: error,
    });
  }
}

/**
 * The augmentation that a preset's name (of `AUGMENT_PRESETS`) or the path of a JSON file stands for.
 * @throws UsageError on an unknown name, an unreadable file, text that is not JSON, and all that `parseAugment` refuses
 */
export function loadAugment(nameOrPath: string): AugmentConfig {
  for (const [name, config] of Object.entries(AUGMENT_PRESETS)) if (name === nameOrPath) return config;

  if (!/\.json$|[\\/]/i.test(nameOrPath)) {
    const names = Object.keys(AUGMENT_PRESETS);
    throw new UsageError(
      `Unknown augmentation "${nameOrPath}".${didYouMean(nameOrPath, names)} ` +
        `Expected ${names.join(', ')} or the path of a .json file.`,
    );
  }
  const text = readText(nameOrPath);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The augmentation file ${nameOrPath} is not valid JSON: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  return parseAugment(value, nameOrPath);
}
