/** The page's computing thread: it alone knows tfjs, and the page stays quick while it works. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { nextTurn } from '../../util/nextTurn';
import { classify, openSavedModel } from './classify';
import type { Order, Reply } from './messages';
import { openDevice } from './open';
import { trainSlice } from './trainSlice';

let model: LayersModel | undefined;
let isStopped = false;
let paused: { promise: Promise<void>; goOn(): void } | undefined;

const send = (reply: Reply): void => postMessage(reply);

function pause(): void {
  if (paused !== undefined) return;
  let goOn: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (goOn = resolve));
  paused = { promise, goOn };
}

function goOn(): void {
  paused?.goOn();
  paused = undefined;
}

async function carryOut(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'open': {
      const known = new Map(Object.entries(order.known));
      return openDevice(order.device, order.trains, {
        get: (key) => known.get(key),
        set: (key, value) => send({ kind: 'learned', key, value }),
      });
    }
    case 'load':
      model?.dispose();
      model = await openSavedModel(order.url);
      return undefined;
    case 'classify':
      if (model === undefined) throw new Error('There is no network yet.');
      return classify(model, order.images, order.views, order.temperature);
    case 'train':
      isStopped = false;
      model?.dispose();
      model = undefined;
      model = await trainSlice(
        order.slice,
        order.settings,
        { mayGoOn: () => paused?.promise ?? nextTurn(), isStopped: () => isStopped },
        (progress) => send({ kind: 'progress', progress }),
      );
      return undefined;
    case 'pause':
      return pause();
    case 'goOn':
      return goOn();
    case 'stop':
      isStopped = true;
      return goOn();
  }
}

addEventListener('message', ({ data }: MessageEvent<Order & { number: number }>) => {
  const { number } = data;
  carryOut(data).then(
    (value) => send({ kind: 'answer', number, value }),
    (error: unknown) =>
      send({ kind: 'failed', number, reason: error instanceof Error ? error.message : String(error) }),
  );
});
