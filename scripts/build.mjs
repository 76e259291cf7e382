// Compiles src/ into dist/, in place: files whose content stays are not touched, so that a program that runs from dist/
// can still load what it has not loaded yet. The page is bundled beside it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');
const dist = join(root, 'dist');
const buildInfo = join(dist, 'tsconfig.build.tsbuildinfo');

/** Every file below a folder, relative to it. */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

const isOfPage = (name) => name.startsWith(`page${sep}`);
const wanted = new Set(
  filesIn(src)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !isOfPage(name))
    .flatMap((name) => ['.js', '.js.map', '.d.ts'].map((ending) => name.replace(/\.ts$/, ending))),
);
// The compiler writes what has changed since its last run; what somebody removed since then it does not see.
if ([...wanted].some((name) => !existsSync(join(dist, name)))) rmSync(buildInfo, { force: true });

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

// The page's folders, and what they were made of.
const PAGES = ['page', 'reportPage'];
const stamp = join(dist, 'page.stamp');
for (const name of filesIn(dist)) {
  const path = join(dist, name);
  const isBundled = PAGES.includes(name.split(sep)[0]);
  if (!wanted.has(name) && !isBundled && path !== buildInfo && path !== stamp) rmSync(path);
}

const sources = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
for (const name of filesIn(src).sort()) sources.update(name).update(readFileSync(join(src, name)));
const made = sources.digest('hex');
const isMade = PAGES.every((folder) => existsSync(join(dist, folder)));
if (!isMade || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== made) {
  rmSync(stamp, { force: true });
  const { build } = await import('vite');
  const configFile = join(src, 'page/vite.config.mjs');
  for (const mode of ['app', 'report']) await build({ configFile, mode });
  writeFileSync(stamp, made);
}
// npx links to this file and keeps the link: without the run bit the shell refuses it.
chmodSync(join(dist, 'cli.js'), 0o755);
