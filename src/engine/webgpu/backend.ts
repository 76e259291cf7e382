import { EngineError } from '../errors.js';
import type { GpuAdapter, GpuDevice, StockBackend, StockModule, StockProgram } from './stock.js';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';

/** What kernels of our own need of the backend. */
export interface GpuBackend extends StockBackend {
  /** Keeps a dispatch's name and shapes, for messages. */
  remember(name: string, tensors: Ran['tensors']): void;
}

/** What a device's kernels need: all that the adapter has. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'];

/** A device of an adapter's, with what of it the kernels can use. */
export async function openDevice(adapter: GpuAdapter): Promise<GpuDevice> {
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
}

/** A dispatch, for messages: put into words only where there is one. */
interface Ran {
  name: string;
  tensors: readonly { shape: readonly number[] }[];
}

const shapesOf = ({ tensors }: Ran): string => tensors.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');

/** So many of the last dispatches are remembered. */
const REMEMBERED = 64;

/**
 * tfjs's backend on a device, in which what goes wrong there is no silence: errors of the device, of a shader or of a tensor that is too
 * large, and the loss of the device, come as an exception when values are next read.
 */
export function trainingBackend({ WebGPUBackend }: StockModule, device: GpuDevice, info: object): GpuBackend {
  let failure: EngineError | undefined;
  const ran: Ran[] = [];
  const fail = (message: string): void => {
    // What comes after the first is its consequence.
    failure ??= new EngineError(message);
  };
  device.addEventListener('uncapturederror', ({ error: { message } }) => {
    const dispatch = ran.findLast(({ name }) => message.includes(name));
    const of = dispatch === undefined ? '' : ` (${dispatch.name} of ${shapesOf(dispatch)})`;
    fail(`The graphics device reports an error${of}: ${message.trim().split('\n')[0]}`);
  });
  void device.lost.then(({ reason, message }) => {
    // Destroyed by ourselves, at the end.
    if (reason !== 'destroyed') fail(`The graphics device is lost: ${message || reason}.`);
  });
  const mostBytes = device.limits.maxStorageBufferBindingSize;

  return new (class extends WebGPUBackend implements GpuBackend {
    override uploadToGPU(dataId: object): void {
      const { shape } = this.tensorMap.get(dataId);
      const bytes = 4 * util.sizeFromShape(shape);
      if (bytes > mostBytes) {
        throw new EngineError(
          `A tensor of [${shape.join(', ')}] takes ${bytes} bytes, and the graphics device takes at most ${mostBytes} in one: make --micro-batch smaller.`,
        );
      }
      super.uploadToGPU(dataId);
    }

    override runWebGPUProgram(program: StockProgram, inputs: TensorInfo[], ...rest: unknown[]): TensorInfo {
      this.remember(program.constructor.name, [...inputs, { shape: program.outputShape }]);
      return super.runWebGPUProgram(program, inputs, ...rest);
    }

    remember(name: string, tensors: Ran['tensors']): void {
      ran.push({ name, tensors: tensors.map(({ shape }) => ({ shape })) });
      if (ran.length > REMEMBERED) ran.shift();
    }

    override async read(dataId: object): Promise<unknown> {
      const values = await super.read(dataId);
      // What has been reported by then is of earlier work.
      await this.device.queue.onSubmittedWorkDone();
      if (failure !== undefined) throw failure;
      return values;
    }

    override readSync(dataId: object): unknown {
      const { values } = this.tensorMap.get(dataId);
      if (values !== undefined && values !== null) return values;
      throw new EngineError(
        'Values on a graphics device cannot be read at once: use data() in place of dataSync(), array() in place of arraySync().',
      );
    }
  })(device, info);
}
