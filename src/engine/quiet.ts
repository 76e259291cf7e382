const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/**
 * Runs a function while nothing reaches the console: other people's backends greet and warn when they are loaded, and a
 * machine-readable command must print nothing else. What they had to say is dropped; failures still throw.
 */
export async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const terminal: Record<(typeof METHODS)[number], unknown> = globalThis.console;
  const originals = METHODS.map((method) => terminal[method]);
  for (const method of METHODS) terminal[method] = () => undefined;
  try {
    return await run();
  } finally {
    METHODS.forEach((method, i) => (terminal[method] = originals[i]));
  }
}
