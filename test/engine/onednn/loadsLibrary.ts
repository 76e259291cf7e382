import { parentPort } from 'node:worker_threads';
import { loadLibrary } from '../../../src/engine/onednn/ffi/library.js';

/** A thread that opens the library, says whether it could, and ends. */
let isLoaded = true;
try {
  loadLibrary();
} catch {
  isLoaded = false;
}
parentPort?.postMessage(isLoaded);
