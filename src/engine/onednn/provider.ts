import { findBackend } from '@tensorflow/tfjs-core';
import { usableCores } from '../cores.js';
import { makeCurrent } from '../makeCurrent.js';
import type { ActivateOptions, Activated, BackendProvider, Probe } from '../provider.js';
import type { ComputeType } from './backend.js';
import { cpuFeatures } from './cpuFeatures.js';
import { automaticPrecision, hasFastBf16 } from './precision.js';
import { OneDnnError } from './errors.js';
import type { NativeLibrary } from './ffi/library.js';

/** tfjs over the system's oneDNN: convolutions and matrix products at the CPU's speed. */
export const onednnProvider: BackendProvider = {
  name: 'onednn',
  precisions: ['bf16', 'f32'],
  probe,
  activate,
};

async function probe(): Promise<Probe> {
  try {
    // Loaded on demand: koffi is native code, and a machine where it does not load has other backends.
    const { loadLibrary } = await import('./ffi/library.js');
    const { closeNative, openNative } = await import('./ffi/native.js');
    const library = loadLibrary();
    const native = openNative(library);
    const { instructionSet: isa, canRunCode } = native;
    closeNative(native);
    const precision = automaticPrecision(isa);
    return {
      usable: true,
      version: library.version.join('.'),
      reason: `the system's oneDNN ${library.version.join('.')}, ${isa}, computing in ${precision} by default`,
      details: {
        library: library.path,
        instructionSet: isa,
        precision,
        cpuFeatures: cpuFeatures().join(' '),
        machineCode: canRunCode ? 'yes' : 'no',
        threads: String(defaultThreads()),
      },
    };
  } catch (error) {
    return { usable: false, reason: withoutFullStop(error instanceof Error ? error.message : String(error)) };
  }
}

async function activate({ threads: wanted, precision = 'auto' }: ActivateOptions): Promise<Activated> {
  const { loadLibrary } = await import('./ffi/library.js');
  const { closeNative, openNative } = await import('./ffi/native.js');
  const { OneDnnBackend } = await import('./backend.js');
  const { BACKEND_NAME, registerOneDnn } = await import('./register.js');
  const library = loadLibrary();
  const threads = wanted ?? defaultThreads();
  setThreads(library, threads);
  const native = openNative(library);
  const { instructionSet: isa } = native;
  closeNative(native);
  const computeType = chooseType(precision, isa);
  // Kept when it is asked for again as it is: its tensors may be in use, and its primitives are compiled.
  const running: unknown = findBackend(BACKEND_NAME);
  if (!(running instanceof OneDnnBackend && running.computeType === computeType)) {
    registerOneDnn(() => new OneDnnBackend(openNative(library), computeType));
  }
  await makeCurrent(BACKEND_NAME);
  return { precision: computeType, threads: library.openmp === null ? null : threads };
}

function chooseType(precision: NonNullable<ActivateOptions['precision']>, isa: string): ComputeType {
  if (precision === 'auto') return automaticPrecision(isa);
  if (precision === 'f16') throw new OneDnnError('oneDNN computes in bf16 or f32 here, not in f16.');
  if (precision === 'bf16' && !hasFastBf16(isa)) {
    throw new OneDnnError(
      `Precision bf16 needs a CPU with bf16 instructions (avx512_bf16 or amx_bf16); this one offers ${isa} to oneDNN. Use precision f32 or auto.`,
    );
  }
  return precision;
}

/** OMP_NUM_THREADS as OpenMP itself would take it, else every core that the process may use. */
function defaultThreads(): number {
  const wished = Number.parseInt(process.env['OMP_NUM_THREADS'] ?? '', 10);
  return wished >= 1 ? wished : usableCores();
}

function setThreads({ openmp }: NativeLibrary, threads: number): void {
  // A library built on another runtime keeps its own count.
  openmp?.omp_set_num_threads(threads);
}

const withoutFullStop = (text: string): string => text.replace(/\.$/, '');
