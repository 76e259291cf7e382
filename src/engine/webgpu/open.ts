import {
  type KernelBackend,
  backend,
  env,
  findBackendFactory,
  registerBackend,
  removeBackend,
} from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import type { MachineMemory } from '../machineMemory.js';
import { makeCurrent } from '../makeCurrent.js';
import { registerPortableKernels } from '../ops/register.js';
import { cpuProvider } from '../providers/cpu.js';
import { openDevice, trainingBackend } from './backend.js';
import type { GpuBackend, GpuPrecision } from './gpuBackend.js';
import { BACKEND } from './kernel.js';
import { type MatrixUnit, matrixUnitOf, matrixWords } from './matrixUnit.js';
import { registerWebGpuTrainingKernels } from './register.js';
import { type Rounding, findFault } from './selfCheck.js';
import { shaderSum } from './shader.js';
import type { Gpu, GpuAdapter, StockModule } from './stock.js';

/** Of tfjs's ways to multiply matrices, the one that adds in an order that never changes. */
const PACKED_MATMUL = 3;

export interface OpenOptions {
  /** False leaves tfjs's backend without kernels of ours, for comparisons. Default true. */
  trains?: boolean;
  /** f16 needs an adapter that has it. Default f32. */
  precision?: GpuPrecision | undefined;
  /** What is known of this adapter and driver from before. */
  memory: MachineMemory;
}

let isRegistered = false;

/**
 * Makes tfjs's WebGPU backend, on a device of ours and with the kernels of training, the current one. The first time with an adapter and a
 * driver every kernel is tried on small cases; what came of it is remembered.
 * @throws EngineError when there is no adapter, or when one of the kernels computes wrongly on it
 */
export async function openWebGpu(
  stock: StockModule,
  gpu: Gpu,
  { trains = true, precision = 'f32', memory }: OpenOptions,
): Promise<void> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new EngineError('WebGPU finds no graphics adapter.');
  if (precision === 'f16' && !adapter.features.has('shader-f16')) {
    throw new EngineError(
      'the adapter or its driver has no 16-bit floats (shader-f16): leave --precision f16 out',
    );
  }
  if (!isRegistered) {
    env().set('WEBGPU_MATMUL_PROGRAM_TYPE', PACKED_MATMUL);
    // In a browser tfjs has registered its own.
    if ((findBackendFactory(BACKEND) as unknown) !== null) removeBackend(BACKEND);
    registerBackend(
      BACKEND,
      async () => trainingBackend(stock, await openDevice(adapter), adapter.info) as unknown as KernelBackend,
    );
    if (trains) registerWebGpuTrainingKernels();
    isRegistered = true;
  }
  await useDevice(precision);
  registerPortableKernels(BACKEND);
  if (trains) await trust(adapter, memory, precision);
}

/** Makes the device tfjs's current backend. */
async function useDevice(precision: GpuPrecision, unit?: MatrixUnit): Promise<void> {
  await makeCurrent(BACKEND);
  const device = backend() as unknown as GpuBackend;
  device.storesHalves = precision === 'f16';
  device.matrixUnit = unit;
}

const PASSED = 'passed';

/** Makes plain JavaScript tfjs's current backend: what the device's results are compared with. */
async function useReference(): Promise<void> {
  await cpuProvider.activate({});
  registerPortableKernels(cpuProvider.name);
}

function roundingOf(precision: GpuPrecision, unit: MatrixUnit | undefined): Rounding {
  if (precision === 'f32') return 'none';
  return unit?.type === 'f16' ? 'factors' : 'results';
}

/** What is wrong, or that nothing is. @param isOptional whether what the device reports as an error is such a fault, too, and forgotten */
async function faultOf(use: () => Promise<void>, rounding: Rounding, isOptional: boolean): Promise<string> {
  try {
    return (await findFault(useReference, use, rounding)) ?? PASSED;
  } catch (error) {
    if (!isOptional || !(error instanceof EngineError)) throw error;
    (backend() as unknown as GpuBackend).forgetFailure();
    return error.message;
  }
}

/**
 * Tries the kernels, by the adapter's matrices first where activations lie in 16 bits: where these compute wrongly it goes on without.
 * @throws EngineError when a kernel computes wrongly on the adapter
 */
async function trust({ info }: GpuAdapter, memory: MachineMemory, precision: GpuPrecision): Promise<void> {
  const { vendor, architecture, device, description } = info;
  const name = [vendor, architecture, device, description].filter(Boolean).join(' ');
  const check = async (unit?: MatrixUnit): Promise<string> => {
    const by = unit === undefined ? '' : ` by ${matrixWords(unit)}`;
    const key = `webgpu kernels ${shaderSum()} on ${name}${precision === 'f16' ? ' in f16' : ''}${by}`;
    const use = (): Promise<void> => useDevice(precision, unit);
    const known = memory.get(key);
    const outcome =
      typeof known === 'string' ? known : await faultOf(use, roundingOf(precision, unit), unit !== undefined);
    memory.set(key, outcome);
    await use();
    return outcome;
  };
  const unit = precision === 'f16' ? matrixUnitOf(info) : undefined;
  if (unit !== undefined && (await check(unit)) === PASSED) return;
  const outcome = await check();
  if (outcome !== PASSED) {
    throw new EngineError(`on ${name || 'this adapter'} ${outcome}; please report it`);
  }
}
