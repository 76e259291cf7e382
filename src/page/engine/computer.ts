import type { ViewPreset } from '../../dataset/views/presets';
import type { Device, Order, Reply, Slice, TrainProgress, TrainSettings } from './messages';

const MEMORY = 'cifar ';

/** What earlier visits have found out about this machine; nothing where a page may keep nothing. */
function known(): Record<string, unknown> {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(MEMORY));
    return Object.fromEntries(names.map((name) => [name.slice(MEMORY.length), localStorage.getItem(name)]));
  } catch {
    return {};
  }
}

function learn(key: string, value: unknown): void {
  try {
    localStorage.setItem(MEMORY + key, String(value));
  } catch {
    // It will be found out again.
  }
}

/** A graphics card that is one: software that plays one is slower than WebAssembly. */
export async function hasCard(): Promise<boolean> {
  const { gpu } = navigator as unknown as {
    gpu?: {
      requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean; architecture?: string } } | null>;
    };
  };
  const adapter = (await gpu?.requestAdapter().catch(() => null)) ?? null;
  return (
    adapter !== null &&
    adapter.info?.isFallbackAdapter !== true &&
    adapter.info?.architecture !== 'swiftshader'
  );
}

/** A thread that computes, with one network in it. */
export class Computer {
  private readonly thread = new Worker(new URL('./thread.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  private count = 0;
  onProgress: (progress: TrainProgress) => void = () => undefined;

  private constructor() {
    this.thread.addEventListener('message', ({ data }: MessageEvent<Reply>) => this.hear(data));
    this.thread.addEventListener('error', ({ message }) => {
      for (const { reject } of this.waiting.values())
        reject(new Error(message || 'The computing thread has failed.'));
      this.waiting.clear();
    });
  }

  /**
   * @param trains whether it is for training, which tries a card's kernels first
   * @returns the thread, and what it computes on, in words
   */
  static async open(device: Device, trains: boolean): Promise<{ computer: Computer; on: string }> {
    const computer = new Computer();
    try {
      return {
        computer,
        on: (await computer.order({ kind: 'open', device, trains, known: known() })) as string,
      };
    } catch (error) {
      computer.close();
      throw error;
    }
  }

  async load(url: string): Promise<void> {
    await this.order({ kind: 'load', url });
  }

  /** Probabilities, n × classes. */
  async classify(images: Uint8Array, views: ViewPreset, temperature: number): Promise<Float32Array> {
    return (await this.order({ kind: 'classify', images, views, temperature })) as Float32Array;
  }

  /** Resolves when the training has ended, or been stopped; its network is the one that answers then. */
  async train(slice: Slice, settings: TrainSettings): Promise<void> {
    await this.order({ kind: 'train', slice, settings });
  }

  async tell(kind: 'pause' | 'goOn' | 'stop'): Promise<void> {
    await this.order({ kind });
  }

  close(): void {
    this.thread.terminate();
  }

  private order(order: Order): Promise<unknown> {
    const number = this.count++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.thread.postMessage({ ...order, number });
    });
  }

  private hear(reply: Reply): void {
    if (reply.kind === 'progress') return this.onProgress(reply.progress);
    if (reply.kind === 'learned') return learn(reply.key, reply.value);
    const waiting = this.waiting.get(reply.number);
    this.waiting.delete(reply.number);
    if (reply.kind === 'answer') waiting?.resolve(reply.value);
    else waiting?.reject(new Error(reply.reason));
  }
}
