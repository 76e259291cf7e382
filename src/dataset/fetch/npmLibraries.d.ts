/** The part of @npmcli/config that its published types leave out: npm's own option definitions. */
declare module '@npmcli/config/lib/definitions/index.js' {
  import type Config from '@npmcli/config';
  const own: {
    readonly definitions: Config.DefinitionsObject;
    readonly shorthands: Config.ShortFlags;
    readonly flatten: (data: object, flat: object) => void;
  };
  export default own;
}

/** The part of make-fetch-happen 15 that is used here; its published types are those of version 10. */
declare module 'make-fetch-happen' {
  export interface FetchOptions {
    ca?: unknown;
    proxy?: unknown;
    noProxy?: unknown;
    strictSSL?: unknown;
    cache?: 'no-store';
    /** Milliseconds; 0 = none. */
    timeouts?: { connection?: number; idle?: number };
    redirect?: 'follow' | 'manual' | 'error';
    retry?: { retries: number };
    signal?: AbortSignal;
  }
  export interface Response {
    readonly status: number;
    readonly statusText: string;
    readonly headers: { get(name: string): string | null };
    readonly body: AsyncIterable<Buffer> & NodeJS.EventEmitter & { resume(): void };
  }
  export default function fetch(url: string, options?: FetchOptions): Promise<Response>;
}
