import { backend } from '@tensorflow/tfjs-core';
import { type ProcessorReport, Statistics } from './onednn/statistics.js';
import { type DeviceReport, DeviceProfiler } from './webgpu/profiler.js';
import type { StockBackend } from './webgpu/stock.js';

/** Where the time of a backend went, on a processor or on a graphics device. */
export type ProfileReport = ProcessorReport | DeviceReport;

export interface Profile {
  /** Ends the counting. */
  report(): Promise<ProfileReport>;
}

/** Has the backend that runs now count and time its kernels; undefined when it cannot (only onednn and webgpu can). */
export function startProfile(): Profile | undefined {
  const current = backend() as unknown as { statistics?: unknown; profiler?: unknown };
  const { statistics, profiler } = current;
  if (statistics instanceof Statistics) {
    statistics.reset();
    statistics.isProfiling = true;
    return { report: () => Promise.resolve(statistics.report()) };
  }
  if (profiler instanceof DeviceProfiler) {
    profiler.start();
    return { report: () => profiler.report(current as unknown as StockBackend) };
  }
  return undefined;
}
