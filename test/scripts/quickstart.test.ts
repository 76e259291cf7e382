import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { RECIPE_NAMES } from '../../src/config/recipeNames.js';

const QUICKSTART = new URL('../../scripts/quickstart.mjs', import.meta.url).pathname;

// It runs before there is anything that it could import.
it('quickstart takes the recipes that there are, and refuses others at once', () => {
  const { status, stderr } = spawnSync(process.execPath, [QUICKSTART, 'fast49'], { encoding: 'utf8' });
  expect(stderr).toContain(`Expected one of the recipes ${RECIPE_NAMES.join(', ')}, got "fast49".`);
  expect(status).toBe(2);
});
