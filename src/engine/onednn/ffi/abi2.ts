import type { Abi, Operation, PostOp, Window } from './abi.js';
import {
  binaryCodes,
  convolutionDirect,
  dataTypeCodes,
  type EltwiseKind,
  type NativeType,
  poolingCodes,
  propKinds,
  queries,
  reductionCodes,
  softmaxCodes,
  tagAny,
} from './enums.js';
import { created, nativeDims, nativeInts } from './handles.js';
import type { Layout } from './layout.js';
import type { NativeLibrary } from './library.js';
import type { MemoryDesc, RawDesc } from './memoryDesc.js';
import { check } from './status.js';
import type { Bound, symbols2 } from './symbols.js';

// sizeof of the structs of 2.6 and 2.7, and offsets in dnnl_memory_desc_t. To us they are opaque bytes but for
// the layout, which 2.x has no call to ask for.
const size = {
  memory: 696,
  convolution: 5976,
  eltwise: 1416,
  softmax: 2800,
  pooling: 3288,
  batchNorm: 3496,
  binary: 2096,
  matmul: 2800,
  reduction: 1408,
} as const;
const offset = {
  ndims: 0,
  dims: 8,
  type: 104,
  paddedDims: 112,
  offset0: 304,
  formatKind: 312,
  strides: 320,
  innerCount: 416,
  innerBlocks: 424,
  innerAxes: 520,
} as const;
const formatKindBlocked = 2;
const tagsBlocked = { 8: 93, 16: 69 } as const; // dnnl_aBcd8b, dnnl_aBcd16b

const eltwiseCodes: Readonly<Record<EltwiseKind, number>> = {
  relu: 0x1f,
  tanh: 0x2f,
  elu: 0x3f,
  square: 0x4f,
  abs: 0x5f,
  sqrt: 0x6f,
  linear: 0x7f,
  logistic: 0xaf,
  exp: 0xbf,
  log: 0xef,
  clip: 0xff,
  gelu: 0x30,
  swish: 0xdf,
  softplus: 0x9f,
  reluUseDst: 0x100,
};
const batchNormFlags = { globalStatistics: 1, scale: 8, shift: 16 } as const;

// What is handed to `dnnl_primitive_desc_create` is at least as large as any operation's struct.
const descBuffer = (bytes: number): Uint8Array => new Uint8Array(bytes);
const bytesOf = (raw: RawDesc): Uint8Array => raw as Uint8Array;

function windowArguments({ strides, dilations, padBefore, padAfter }: Window): Uint8Array[] {
  return [strides, dilations, padBefore, padAfter].map(nativeDims);
}

/** The 2.x ABI: operation descriptors are initialised, then made into primitive descriptors. */
export function makeAbi2(library: NativeLibrary, symbols: Bound<typeof symbols2>, engine: bigint): Abi {
  const newDesc = (call: string, fill: (desc: Uint8Array) => number): Uint8Array => {
    const desc = descBuffer(size.memory);
    check(call, fill(desc));
    return desc;
  };
  const typeNames = new Map<number, NativeType>(
    Object.entries(dataTypeCodes).map(([name, code]) => [code, name as NativeType]),
  );

  function describe(raw: RawDesc): Layout {
    const { buffer, byteOffset, byteLength } = bytesOf(raw);
    const view = new DataView(buffer, byteOffset, byteLength);
    const long = (at: number): number => Number(view.getBigInt64(at, true));
    const longs = (at: number, count: number): number[] =>
      Array.from({ length: count }, (_, index) => long(at + 8 * index));
    const rank = view.getInt32(offset.ndims, true);
    const isBlocked = view.getInt32(offset.formatKind, true) === formatKindBlocked;
    const inner = isBlocked ? view.getInt32(offset.innerCount, true) : 0;
    const type = typeNames.get(view.getInt32(offset.type, true));
    if (type === undefined)
      throw new TypeError('a memory descriptor has a type that this engine does not use');
    return {
      dims: longs(offset.dims, rank),
      paddedDims: longs(offset.paddedDims, rank),
      type,
      isBlocked,
      offset: long(offset.offset0),
      strides: isBlocked ? longs(offset.strides, rank) : [],
      innerBlocks: longs(offset.innerBlocks, inner),
      innerAxes: longs(offset.innerAxes, inner),
    };
  }

  /** Initialises the operation's struct. */
  function operationDesc(operation: Operation): Uint8Array {
    const init = (call: string, bytes: number, fill: (desc: Uint8Array) => number): Uint8Array => {
      const desc = descBuffer(bytes);
      check(call, fill(desc), operation.kind);
      return desc;
    };
    const raw = (desc: MemoryDesc): Uint8Array => bytesOf(desc.raw);
    const optional = (desc: MemoryDesc | null): Uint8Array | null => (desc === null ? null : raw(desc));
    switch (operation.kind) {
      case 'convolution': {
        const { src, weights, bias, dst } = operation.descs;
        const [strides, dilations, before, after] = windowArguments(operation.window);
        const prop = operation.isTraining ? propKinds.training : propKinds.inference;
        return init('dnnl_dilated_convolution_forward_desc_init', size.convolution, (desc) =>
          symbols.dnnl_dilated_convolution_forward_desc_init(
            desc,
            prop,
            convolutionDirect,
            raw(src),
            raw(weights),
            optional(bias),
            raw(dst),
            strides,
            dilations,
            before,
            after,
          ),
        );
      }
      case 'convolutionBackwardData': {
        const { src, weights, dst } = operation.descs;
        const [strides, dilations, before, after] = windowArguments(operation.window);
        return init('dnnl_dilated_convolution_backward_data_desc_init', size.convolution, (desc) =>
          symbols.dnnl_dilated_convolution_backward_data_desc_init(
            desc,
            convolutionDirect,
            raw(src),
            raw(weights),
            raw(dst),
            strides,
            dilations,
            before,
            after,
          ),
        );
      }
      case 'convolutionBackwardWeights': {
        const { src, weights, bias, dst } = operation.descs;
        const [strides, dilations, before, after] = windowArguments(operation.window);
        return init('dnnl_dilated_convolution_backward_weights_desc_init', size.convolution, (desc) =>
          symbols.dnnl_dilated_convolution_backward_weights_desc_init(
            desc,
            convolutionDirect,
            raw(src),
            raw(weights),
            optional(bias),
            raw(dst),
            strides,
            dilations,
            before,
            after,
          ),
        );
      }
      case 'pooling': {
        const [strides, dilations, before, after] = windowArguments(operation.window);
        const prop = operation.isTraining ? propKinds.training : propKinds.inference;
        return init('dnnl_pooling_v2_forward_desc_init', size.pooling, (desc) =>
          symbols.dnnl_pooling_v2_forward_desc_init(
            desc,
            prop,
            poolingCodes[operation.algorithm],
            raw(operation.src),
            raw(operation.dst),
            strides,
            nativeDims(operation.kernel),
            dilations,
            before,
            after,
          ),
        );
      }
      case 'poolingBackward': {
        const [strides, dilations, before, after] = windowArguments(operation.window);
        return init('dnnl_pooling_v2_backward_desc_init', size.pooling, (desc) =>
          symbols.dnnl_pooling_v2_backward_desc_init(
            desc,
            poolingCodes[operation.algorithm],
            raw(operation.src),
            raw(operation.dst),
            strides,
            nativeDims(operation.kernel),
            dilations,
            before,
            after,
          ),
        );
      }
      case 'batchNorm': {
        const flags =
          batchNormFlags.scale |
          batchNormFlags.shift |
          (operation.isTraining ? 0 : batchNormFlags.globalStatistics);
        const prop = operation.isTraining ? propKinds.training : propKinds.inference;
        return init('dnnl_batch_normalization_forward_desc_init', size.batchNorm, (desc) =>
          symbols.dnnl_batch_normalization_forward_desc_init(
            desc,
            prop,
            raw(operation.src),
            operation.epsilon,
            flags,
          ),
        );
      }
      case 'batchNormBackward':
        return init('dnnl_batch_normalization_backward_desc_init', size.batchNorm, (desc) =>
          symbols.dnnl_batch_normalization_backward_desc_init(
            desc,
            propKinds.backward,
            raw(operation.dst),
            raw(operation.src),
            operation.epsilon,
            batchNormFlags.scale | batchNormFlags.shift,
          ),
        );
      case 'eltwise':
        return init('dnnl_eltwise_forward_desc_init', size.eltwise, (desc) =>
          symbols.dnnl_eltwise_forward_desc_init(
            desc,
            propKinds.inference,
            eltwiseCodes[operation.function],
            raw(operation.src),
            operation.alpha,
            operation.beta,
          ),
        );
      case 'eltwiseBackward':
        return init('dnnl_eltwise_backward_desc_init', size.eltwise, (desc) =>
          symbols.dnnl_eltwise_backward_desc_init(
            desc,
            eltwiseCodes[operation.function],
            raw(operation.data),
            raw(operation.data),
            operation.alpha,
            0,
          ),
        );
      case 'binary':
        return init('dnnl_binary_desc_init', size.binary, (desc) =>
          symbols.dnnl_binary_desc_init(
            desc,
            binaryCodes[operation.operation],
            raw(operation.src0),
            raw(operation.src1),
            raw(operation.dst),
          ),
        );
      case 'matmul':
        return init('dnnl_matmul_desc_init', size.matmul, (desc) =>
          symbols.dnnl_matmul_desc_init(
            desc,
            raw(operation.src),
            raw(operation.weights),
            optional(operation.bias),
            raw(operation.dst),
          ),
        );
      case 'reduction':
        return init('dnnl_reduction_desc_init', size.reduction, (desc) =>
          symbols.dnnl_reduction_desc_init(
            desc,
            reductionCodes[operation.operation],
            raw(operation.src),
            raw(operation.dst),
            0,
            0,
          ),
        );
      case 'softmax':
        return init('dnnl_softmax_v2_forward_desc_init', size.softmax, (desc) =>
          symbols.dnnl_softmax_v2_forward_desc_init(
            desc,
            propKinds.inference,
            softmaxCodes[operation.operation],
            raw(operation.src),
            raw(operation.src),
            operation.axis,
          ),
        );
      case 'reorder':
        throw new TypeError(`${operation.kind} has no operation descriptor`);
    }
  }

  return {
    major: 2,
    postOpBase: 16384,
    isShiftNeededByGradient: true,
    isPaddedReorderFaulty: false,
    isaNames: {
      0x1: 'sse41',
      0x3: 'avx',
      0x7: 'avx2',
      0x27: 'avx512_core',
      0x67: 'avx512_core_vnni',
      0xe7: 'avx512_core_bf16',
      0x3e7: 'avx512_core_amx',
      0x407: 'avx2_vnni',
    },
    strided: (dims, type, strides) =>
      newDesc('dnnl_memory_desc_init_by_strides', (desc) =>
        symbols.dnnl_memory_desc_init_by_strides(
          desc,
          dims.length,
          nativeDims(dims),
          dataTypeCodes[type],
          nativeDims(strides),
        ),
      ),
    any: (dims, type) =>
      newDesc('dnnl_memory_desc_init_by_tag', (desc) =>
        symbols.dnnl_memory_desc_init_by_tag(
          desc,
          dims.length,
          nativeDims(dims),
          dataTypeCodes[type],
          tagAny,
        ),
      ),
    blocked: (dims, type, block) =>
      newDesc('dnnl_memory_desc_init_by_tag', (desc) =>
        symbols.dnnl_memory_desc_init_by_tag(
          desc,
          4,
          nativeDims(dims),
          dataTypeCodes[type],
          tagsBlocked[block],
        ),
      ),
    permute: (desc, axes) =>
      newDesc('dnnl_memory_desc_permute_axes', (out) =>
        symbols.dnnl_memory_desc_permute_axes(out, bytesOf(desc.raw), nativeInts(axes)),
      ),
    withType(desc, type) {
      const copy = Uint8Array.from(bytesOf(desc.raw));
      new DataView(copy.buffer).setInt32(offset.type, dataTypeCodes[type], true);
      return copy;
    },
    describe,
    bytes: (raw) => symbols.dnnl_memory_desc_get_size(bytesOf(raw)),
    fingerprint: (raw) => Buffer.from(bytesOf(raw)).toString('latin1'),
    release: () => undefined,
    createMemory: (desc) =>
      created((out) =>
        check('dnnl_memory_create', symbols.dnnl_memory_create(out, bytesOf(desc.raw), engine, 0n)),
      ),
    argument(primitiveDesc, argument) {
      const pointer = library.common.dnnl_primitive_desc_query_md(primitiveDesc, queries.argument, argument);
      if (pointer === 0n || pointer === null) return null;
      const desc = descBuffer(size.memory);
      library.copyOut(desc, pointer, size.memory);
      return desc[offset.ndims] === 0 ? null : desc;
    },
    appendPostOp(postOps: bigint, postOp: PostOp) {
      if (postOp.kind === 'eltwise') {
        const { alpha = 0, beta = 0 } = postOp;
        const code = eltwiseCodes[postOp.function];
        check(
          'dnnl_post_ops_append_eltwise',
          symbols.dnnl_post_ops_append_eltwise(postOps, 1, code, alpha, beta),
        );
      } else if (postOp.kind === 'sum') {
        check('dnnl_post_ops_append_sum', symbols.dnnl_post_ops_append_sum(postOps, 1));
      } else {
        const code = binaryCodes[postOp.operation];
        check(
          'dnnl_post_ops_append_binary',
          symbols.dnnl_post_ops_append_binary(postOps, code, bytesOf(postOp.src1.raw)),
        );
      }
    },
    primitiveDesc(operation, attributes, hint) {
      if (operation.kind === 'reorder') {
        const { src, dst } = operation;
        return created((out) =>
          check(
            'dnnl_reorder_primitive_desc_create',
            symbols.dnnl_reorder_primitive_desc_create(
              out,
              bytesOf(src.raw),
              engine,
              bytesOf(dst.raw),
              engine,
              attributes,
            ),
            `${src.toString()} to ${dst.toString()}`,
          ),
        );
      }
      const desc = operationDesc(operation);
      return created((out) =>
        check(
          'dnnl_primitive_desc_create',
          symbols.dnnl_primitive_desc_create(out, desc, attributes, engine, hint),
          operation.kind,
        ),
      );
    },
  };
}
