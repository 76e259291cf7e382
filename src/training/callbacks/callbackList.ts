import { messageOf } from '../../util/errors.js';
import type { Callback } from './callback.js';

type Hook = Exclude<keyof Callback, 'name' | 'onlyReports'>;

/** Calls a hook of all callbacks in their order; what only reports cannot fail. */
export class CallbackList {
  private readonly failed = new Set<Callback>();

  /** @param note told what could not be reported */
  constructor(
    private readonly callbacks: readonly Callback[],
    private readonly note: (line: string) => void,
  ) {}

  async call<H extends Hook>(hook: H, ...args: Parameters<NonNullable<Callback[H]>>): Promise<void> {
    for (const callback of this.callbacks) {
      try {
        await (callback[hook] as ((...given: typeof args) => Promise<void> | void) | undefined)?.(...args);
      } catch (error) {
        this.failedIn(callback, error);
      }
    }
  }

  /** Whether any of them has an effect there. */
  has(hook: Hook): boolean {
    return this.callbacks.some((callback) => callback[hook] !== undefined);
  }

  stepEnd(): void {
    for (const callback of this.callbacks) {
      try {
        callback.stepEnd?.();
      } catch (error) {
        this.failedIn(callback, error);
      }
    }
  }

  private failedIn(callback: Callback, error: unknown): void {
    if (callback.onlyReports !== true) throw error;
    if (this.failed.has(callback)) return;
    this.failed.add(callback);
    this.note(`Note: ${callback.name} could not be written (${messageOf(error)}); training goes on.`);
  }
}
