/** Exit codes of the program: 0 done, 1 failed, 2 wrong usage, 130 interrupted by Ctrl-C (128 + the signal's number). */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * An error whose message is meant for the user: it says what was expected, what came, and what to do.
 * Anything else that reaches the top is a bug and is printed with its stack.
 */
export class CifarError extends Error {
  readonly exitCode: number = EXIT.failed;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A wrong option, value or argument: the command was not started. */
export class UsageError extends CifarError {
  override readonly exitCode = EXIT.usage;
}

/** The user asked to stop (SIGINT, SIGTERM, SIGHUP); whatever was running has been saved. */
export class InterruptedError extends CifarError {
  override readonly exitCode: number;

  constructor(
    message: string,
    { exitCode = EXIT.interrupted, ...options }: { exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOSPC`, `EROFS`, …), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** Why a file could not be read, as a part of a sentence. */
export function readProblem(error: unknown): string {
  return codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
}
