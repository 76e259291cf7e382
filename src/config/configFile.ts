import { dirname, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { isAugmentPreset } from '../dataset/augment/presets.js';
import { UsageError, codeOf, messageOf } from '../util/errors.js';
import { readTextFile } from '../util/readText.js';
import { isModule } from '../nets/names.js';
import { TRAIN_OPTIONS, type TrainConfig } from './trainOptions.js';
import { checkOptions } from './resolveTrainConfig.js';
import { asWritten } from './writtenConfig.js';

/**
 * Reads a YAML or JSON file of train options (keys as in the option table, camelCase). The paths of an augmentation and of a network
 * are taken from the file's own folder.
 */
export function readConfigFile(path: string): Partial<TrainConfig> {
  let content: unknown;
  try {
    content = parse(readTextFile(path));
  } catch (error) {
    throw new UsageError(`Cannot read the configuration ${path}: ${reasonOf(error)}`, { cause: error });
  }
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    throw new UsageError(`${path}: expected keys and values such as "model: bench", got something else.`);
  }
  const options = asWritten(checkOptions(content as Record<string, unknown>, (key) => `${path}: ${key}`));
  const { augment, model } = options;
  const beside = (file: string): string => resolve(dirname(path), file);
  return {
    ...options,
    ...(augment !== undefined && !isAugmentPreset(augment) && { augment: beside(augment) }),
    ...(model !== undefined && isModule(model) && { model: beside(model) }),
  };
}

/** The reason in one line: the reader of YAML adds an excerpt. */
function reasonOf(error: unknown): string {
  return codeOf(error) === 'ENOENT'
    ? 'there is no such file'
    : messageOf(error).split('\n')[0].replace(/:$/, '');
}

/** The text of a run's configuration file, every option in the table's order. */
export function formatConfig(config: TrainConfig): string {
  const ordered = Object.fromEntries(
    Object.keys(TRAIN_OPTIONS).map((key) => [key, config[key as keyof TrainConfig]]),
  );
  return `# Repeat this run: cifar train --config <this file>\n${stringify(ordered)}`;
}
