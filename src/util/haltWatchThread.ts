import { workerData } from 'node:worker_threads';
import { HALT_END, type HaltWatchData, LAST_TICK, clockMs } from './haltWatch.js';

const { times, tickMs, haltMs } = workerData as HaltWatchData;

function tick(): void {
  const now = clockMs();
  const last = times[LAST_TICK];
  if (last > 0 && now - last > haltMs) times[HALT_END] = now;
  times[LAST_TICK] = now;
}

tick();
setInterval(tick, tickMs);
