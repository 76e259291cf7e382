import type { ServerResponse } from 'node:http';

/** Tabs of one browser share a stream; of more than this many somebody means no good. */
export const MOST_STREAMS = 100;
/** A line without meaning, so that what lies between does not take the stream for dead. */
const KEEP_ALIVE_MS = 20_000;
/** What a reader that does not read may leave lying here. */
const MOST_UNREAD_BYTES = 4 * 2 ** 20;

/** Server-sent events for any number of readers (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStream {
  private readonly readers = new Set<ServerResponse>();
  private readonly keepAlive = setInterval(() => this.write(': still here\n\n'), KEEP_ALIVE_MS).unref();

  get count(): number {
    return this.readers.size;
  }

  /** @returns false when there are too many readers */
  add(response: ServerResponse): boolean {
    if (this.readers.size >= MOST_STREAMS) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 2000\nevent: hello\ndata: {}\n\n');
    this.readers.add(response);
    response.on('close', () => this.readers.delete(response));
    return true;
  }

  send(event: string, data: unknown): void {
    if (this.readers.size > 0) this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  close(): void {
    clearInterval(this.keepAlive);
    for (const reader of this.readers) reader.end();
  }

  private write(text: string): void {
    for (const reader of this.readers) {
      if (reader.writableLength > MOST_UNREAD_BYTES) reader.destroy();
      else reader.write(text);
    }
  }
}
