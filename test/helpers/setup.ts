import { afterEach, beforeEach, expect, vi } from 'vitest';

// Noise on the console is a defect: a test that expects a message spies on it itself.
const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
let noise: string[] = [];

beforeEach(() => {
  noise = [];
  for (const method of methods) {
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => {
      noise.push(`console.${method}: ${args.map(String).join(' ')}`);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(noise, 'a test must not write to the console').toEqual([]);
});
