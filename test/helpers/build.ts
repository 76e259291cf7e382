import { execFileSync } from 'node:child_process';

/** Builds the program once, before all tests. */
export default function build(): void {
  execFileSync(process.execPath, [new URL('../../scripts/build.mjs', import.meta.url).pathname], {
    stdio: 'inherit',
  });
}
