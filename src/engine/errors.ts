/** An error of a backend whose message is meant for the user: what was expected, what came, what to do. */
export class EngineError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
