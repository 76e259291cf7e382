// Compiles src/ into dist/, in place: files whose content stays are not touched, so that a program that runs from dist/
// can still load what it has not loaded yet.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

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

const wanted = new Set(
  filesIn(src)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
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

for (const name of filesIn(dist)) {
  const path = join(dist, name);
  if (!wanted.has(name) && path !== buildInfo) rmSync(path);
}
// npx links to this file and keeps the link: without the run bit the shell refuses it.
chmodSync(join(dist, 'cli.js'), 0o755);
