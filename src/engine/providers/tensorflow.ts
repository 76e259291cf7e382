import { makeCurrent } from '../makeCurrent.js';
import { findPeer } from '../peers.js';
import type { BackendProvider, Probe } from '../provider.js';
import { quietly } from '../quiet.js';
import { tryOut } from '../trial.js';

/** The first Node.js version without a function that TensorFlow's bindings (4.22 and before) call in each kernel. */
const NODE_TOO_NEW = 23;

/** The name both packages give their tfjs backend. */
const TENSORFLOW = 'tensorflow';

/**
 * TensorFlow's C library through its official bindings.
 * @param packageName the bindings: with or without CUDA
 * @param needsGpu whether to refuse when no graphics processor answers: without one the CUDA package runs on the CPU
 */
export function tensorflowProvider(
  name: string,
  packageName: string,
  needsGpu: boolean,
  folders?: string[],
  nodeVersion: string = process.versions.node,
): BackendProvider {
  const find = () => findPeer(packageName, folders);
  return {
    name,
    precisions: ['f32'],
    probe: async (): Promise<Probe> => {
      const peer = find();
      if (peer === null) {
        return { usable: false, reason: `${packageName} is not installed (npm install ${packageName})` };
      }
      const { version, url } = peer;
      if (Number.parseInt(nodeVersion, 10) >= NODE_TOO_NEW) {
        const reason = `${packageName} ${version} does not work on Node.js ${NODE_TOO_NEW} and newer (this is ${nodeVersion}); use Node.js 20 or 22`;
        return { usable: false, version, reason };
      }
      const trial = await tryOut(trialProgram(url));
      if (!trial.ok) {
        const reason = `${packageName} is installed but does not work: ${trial.reason}; reinstall it`;
        return { usable: false, version, reason };
      }
      const gpu = trial.answer === true;
      if (needsGpu && !gpu) {
        const reason = `${packageName} finds no graphics processor it can use; check the CUDA driver and libraries`;
        return { usable: false, version, reason };
      }
      return {
        usable: true,
        version,
        reason: `${packageName} is installed and ${gpu ? 'runs on the GPU' : 'works'}`,
      };
    },
    activate: async () => {
      const peer = find();
      if (peer === null) throw new Error(`${packageName} is not installed any more.`);
      // TensorFlow's own log, below warnings.
      process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
      await quietly(async () => {
        await import(peer.url);
        await makeCurrent(TENSORFLOW);
      });
      return { precision: 'f32', threads: null };
    },
  };
}

/** Loads the bindings, multiplies two matrices, and answers whether that was done on a graphics processor. */
function trialProgram(url: string): string {
  return `
const module = await import(${JSON.stringify(url)});
const tf = module.default ?? module;
await tf.ready();
const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync()[0];
if (product !== 3) throw new Error('a matrix product came out as ' + product + ' instead of 3');
answer(tf.backend().isUsingGpuDevice === true);`;
}
