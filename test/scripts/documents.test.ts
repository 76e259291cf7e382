import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = ['.', 'guide', 'results', 'scripts', 'src/engine']
  .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** What documents tell a reader to type: code within a line, and lines of blocks without their comments. */
function commandsIn(text: string): string[] {
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) => block.split('\n'));
  return [...inline, ...blocks]
    .map((code) => code.replace(/\s#.*/, '').trim())
    .filter((code) => /^(npx )?cifar [a-z]/.test(code));
}

const helpTexts = new Map<string, string>();

function helpOf(path: readonly string[]): string {
  const key = path.join(' ');
  const known = helpTexts.get(key);
  if (known !== undefined) return known;
  const text = execFileSync(process.execPath, ['dist/cli.js', ...path, '--help'], { cwd: ROOT }).toString();
  helpTexts.set(key, text);
  return text;
}

it('links of documents lead to files that are there', () => {
  const broken = DOCUMENTS.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^https?:/.test(target) && !existsSync(join(ROOT, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

it('commands of README and guide are there, with their options', () => {
  const unknown: string[] = [];
  const asked = DOCUMENTS.filter(({ path }) => path === 'README.md' || path.startsWith('guide/'));
  const commands = asked.flatMap(({ path, text }) => commandsIn(text).map((code) => ({ path, code })));
  expect(commands.length).toBeGreaterThan(40);
  for (const { path, code } of commands) {
    const [name, ...words] = code.replace(/^(npx )?cifar /, '').split(/\s+/);
    const isParent = name === 'submit' || (name === 'ensemble' && words[0] === 'train');
    const help = helpOf(isParent ? [name, words[0].split('|')[0]] : [name]);
    const flags = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
    for (const flag of flags) {
      if (!new RegExp(`(^|[\\s,])${flag}(?![\\w-])`, 'm').test(help))
        unknown.push(`${path}: ${code}: ${flag}`);
    }
  }
  expect(unknown).toEqual([]);
});
