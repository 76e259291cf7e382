import { defineConfig } from 'vitest/config';

/** Rooms whose tests leave nothing behind in their process: they share it, and load tfjs once. */
const SHARING = [
  ...[
    'config',
    'ensembles',
    'evaluation',
    'exchange',
    'experiments',
    'io',
    'nets',
    'nn',
    'plots',
    'runs',
    'util',
  ],
  'engine/ops',
].map((room) => `test/${room}/**/*.test.ts`);

const shared = {
  setupFiles: ['test/helpers/setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // What the tests of commands start is built from the source under test.
    globalSetup: ['test/helpers/build.ts'],
    // Two cores: one worker for the tests, the other for the threads they start.
    pool: 'forks',
    maxWorkers: 2,
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      { test: { ...shared, name: 'sharing', include: SHARING, isolate: false } },
      { test: { ...shared, name: 'apart', include: ['test/**/*.test.ts'], exclude: SHARING } },
    ],
  },
});
