import { type Command, Option } from 'commander';
import { type OptionSpec, flagOf, parseOption } from '../config/optionSpec.js';

function defaultText({ default: value, description }: OptionSpec): string {
  // Said in the description.
  if (value === 0 && / 0 = /.test(description)) return '';
  if (value === false || value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return ` (default: ${String(value)})`;
}

/**
 * Adds the options of a table to a command. Only options that were given appear in the command's `opts()`, already
 * checked and in their own types.
 */
export function addOptions(command: Command, table: Readonly<Record<string, OptionSpec>>): Command {
  for (const [key, spec] of Object.entries(table)) {
    const value = spec.type === 'boolean' ? '' : ` <${spec.placeholder ?? spec.type}>`;
    const flags = `${spec.short === undefined ? '' : `${spec.short}, `}${flagOf(key)}${value}`;
    const choices = spec.choices === undefined ? '' : `: ${spec.choices.join(' | ')}`;
    const option = new Option(flags, `${spec.description}${choices}${defaultText(spec)}`);
    if (spec.type !== 'boolean') option.argParser((text: string) => parseOption(key, spec, text));
    if (spec.group !== undefined) option.helpGroup(spec.group);
    command.addOption(option);
    // What a recipe or a file switches on can be switched off.
    if (spec.type === 'boolean') command.addOption(new Option(`--no-${flagOf(key).slice(2)}`).hideHelp());
  }
  return command;
}

/** The values of a table's options: the defaults, with what was given on the command line over them. */
export function optionValues<T extends object>(
  table: Readonly<Record<keyof T, OptionSpec>>,
  given: object,
): T {
  const specs = table as Readonly<Record<string, OptionSpec>>;
  const values = given as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(specs).map(([key, spec]) => [key, values[key] ?? spec.default]),
  ) as T;
}

/** The examples at the end of a command's help text. */
export function withExamples(
  command: Command,
  ...examples: readonly [command: string, what: string][]
): Command {
  // What an example does stands beside it, or below it where the line would not fit a narrow terminal.
  const width = Math.max(...examples.map(([line]) => line.length).filter((length) => length <= 44), 0);
  const lines = examples.map(([line, what]) =>
    line.length > width || width + what.length + 4 > 80
      ? `  ${line}\n      ${what}`
      : `  ${line.padEnd(width)}  ${what}`,
  );
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
