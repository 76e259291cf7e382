import type { Abi, Operation, PostOp, Window } from './abi.js';
import {
  ARG,
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
import type { Bound, symbols3 } from './symbols.js';

const tagsBlocked = { 8: 102, 16: 78 } as const; // dnnl_aBcd8b, dnnl_aBcd16b
const descQueries = {
  rank: 256,
  dims: 257,
  type: 258,
  offset: 259,
  paddedDims: 260,
  formatKind: 262,
  innerCount: 263,
  innerBlocks: 264,
  innerAxes: 265,
  strides: 14,
} as const;
const formatKindBlocked = 2;

const eltwiseCodes: Readonly<Record<EltwiseKind, number>> = {
  relu: 32,
  tanh: 33,
  elu: 34,
  square: 35,
  abs: 36,
  sqrt: 37,
  linear: 38,
  logistic: 41,
  exp: 42,
  log: 45,
  clip: 46,
  gelu: 49,
  swish: 44,
  softplus: 39,
  reluUseDst: 0x100,
};
const batchNormFlags = { globalStatistics: 1, scale: 2, shift: 4 } as const;

const handleOf = (raw: RawDesc): bigint => raw as bigint;

function windowArguments({ strides, dilations, padBefore, padAfter }: Window): Uint8Array[] {
  return [strides, dilations, padBefore, padAfter].map(nativeDims);
}

/** The 3.x ABI: opaque memory descriptors, one call makes a primitive descriptor. */
export function makeAbi3(library: NativeLibrary, symbols: Bound<typeof symbols3>, engine: bigint): Abi {
  const typeNames = new Map<number, NativeType>(
    Object.entries(dataTypeCodes).map(([name, code]) => [code, name as NativeType]),
  );
  const newDesc = (call: string, make: (out: Uint8Array) => number): bigint =>
    created((out) => check(call, make(out)));

  function query(raw: RawDesc, what: number): bigint {
    const out = new BigInt64Array(1);
    check(
      'dnnl_memory_desc_query',
      symbols.dnnl_memory_desc_query(handleOf(raw), what, new Uint8Array(out.buffer)),
    );
    return out[0];
  }
  const queryInt = (raw: RawDesc, what: number): number => Number(BigInt.asIntN(32, query(raw, what)));
  /** The answer is the address of a `dnnl_dims_t`. */
  function queryDims(raw: RawDesc, what: number, count: number): number[] {
    if (count === 0) return [];
    const dims = new BigInt64Array(count);
    library.copyOut(new Uint8Array(dims.buffer), query(raw, what), 8 * count);
    return Array.from(dims, Number);
  }

  function describe(raw: RawDesc): Layout {
    const rank = queryInt(raw, descQueries.rank);
    const isBlocked = queryInt(raw, descQueries.formatKind) === formatKindBlocked;
    const inner = isBlocked ? queryInt(raw, descQueries.innerCount) : 0;
    const type = typeNames.get(queryInt(raw, descQueries.type));
    if (type === undefined)
      throw new TypeError('a memory descriptor has a type that this engine does not use');
    return {
      dims: queryDims(raw, descQueries.dims, rank),
      paddedDims: queryDims(raw, descQueries.paddedDims, rank),
      type,
      isBlocked,
      offset: isBlocked ? Number(query(raw, descQueries.offset)) : 0,
      strides: isBlocked ? queryDims(raw, descQueries.strides, rank) : [],
      innerBlocks: queryDims(raw, descQueries.innerBlocks, inner),
      innerAxes: queryDims(raw, descQueries.innerAxes, inner),
    };
  }

  function create(operation: Operation, attributes: bigint, hint: bigint, out: Uint8Array): [string, number] {
    const raw = (desc: MemoryDesc): bigint => handleOf(desc.raw);
    const optional = (desc: MemoryDesc | null): bigint => (desc === null ? 0n : raw(desc));
    switch (operation.kind) {
      case 'convolution': {
        const { src, weights, bias, dst } = operation.descs;
        const [strides, dilations, before, after] = windowArguments(operation.window);
        const prop = operation.isTraining ? propKinds.training : propKinds.inference;
        return [
          'dnnl_convolution_forward_primitive_desc_create',
          symbols.dnnl_convolution_forward_primitive_desc_create(
            out,
            engine,
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
            attributes,
          ),
        ];
      }
      case 'convolutionBackwardData': {
        const { src, weights, dst } = operation.descs;
        const [strides, dilations, before, after] = windowArguments(operation.window);
        return [
          'dnnl_convolution_backward_data_primitive_desc_create',
          symbols.dnnl_convolution_backward_data_primitive_desc_create(
            out,
            engine,
            convolutionDirect,
            raw(src),
            raw(weights),
            raw(dst),
            strides,
            dilations,
            before,
            after,
            hint,
            attributes,
          ),
        ];
      }
      case 'convolutionBackwardWeights': {
        const { src, weights, bias, dst } = operation.descs;
        const [strides, dilations, before, after] = windowArguments(operation.window);
        return [
          'dnnl_convolution_backward_weights_primitive_desc_create',
          symbols.dnnl_convolution_backward_weights_primitive_desc_create(
            out,
            engine,
            convolutionDirect,
            raw(src),
            raw(weights),
            optional(bias),
            raw(dst),
            strides,
            dilations,
            before,
            after,
            hint,
            attributes,
          ),
        ];
      }
      case 'pooling': {
        const [strides, dilations, before, after] = windowArguments(operation.window);
        const prop = operation.isTraining ? propKinds.training : propKinds.inference;
        return [
          'dnnl_pooling_forward_primitive_desc_create',
          symbols.dnnl_pooling_forward_primitive_desc_create(
            out,
            engine,
            prop,
            poolingCodes[operation.algorithm],
            raw(operation.src),
            raw(operation.dst),
            strides,
            nativeDims(operation.kernel),
            dilations,
            before,
            after,
            attributes,
          ),
        ];
      }
      case 'poolingBackward': {
        const [strides, dilations, before, after] = windowArguments(operation.window);
        return [
          'dnnl_pooling_backward_primitive_desc_create',
          symbols.dnnl_pooling_backward_primitive_desc_create(
            out,
            engine,
            poolingCodes[operation.algorithm],
            raw(operation.src),
            raw(operation.dst),
            strides,
            nativeDims(operation.kernel),
            dilations,
            before,
            after,
            hint,
            attributes,
          ),
        ];
      }
      case 'batchNorm': {
        const flags =
          batchNormFlags.scale |
          batchNormFlags.shift |
          (operation.isTraining ? 0 : batchNormFlags.globalStatistics);
        const prop = operation.isTraining ? propKinds.training : propKinds.inference;
        return [
          'dnnl_batch_normalization_forward_primitive_desc_create',
          symbols.dnnl_batch_normalization_forward_primitive_desc_create(
            out,
            engine,
            prop,
            raw(operation.src),
            raw(operation.dst),
            operation.epsilon,
            flags,
            attributes,
          ),
        ];
      }
      case 'batchNormBackward':
        return [
          'dnnl_batch_normalization_backward_primitive_desc_create',
          symbols.dnnl_batch_normalization_backward_primitive_desc_create(
            out,
            engine,
            propKinds.backward,
            raw(operation.dst),
            raw(operation.dst),
            raw(operation.src),
            operation.epsilon,
            batchNormFlags.scale | batchNormFlags.shift,
            hint,
            attributes,
          ),
        ];
      case 'eltwise':
        return [
          'dnnl_eltwise_forward_primitive_desc_create',
          symbols.dnnl_eltwise_forward_primitive_desc_create(
            out,
            engine,
            propKinds.inference,
            eltwiseCodes[operation.function],
            raw(operation.src),
            raw(operation.src),
            operation.alpha,
            operation.beta,
            attributes,
          ),
        ];
      case 'eltwiseBackward':
        return [
          'dnnl_eltwise_backward_primitive_desc_create',
          symbols.dnnl_eltwise_backward_primitive_desc_create(
            out,
            engine,
            eltwiseCodes[operation.function],
            raw(operation.data),
            raw(operation.data),
            raw(operation.data),
            operation.alpha,
            0,
            hint,
            attributes,
          ),
        ];
      case 'binary':
        return [
          'dnnl_binary_primitive_desc_create',
          symbols.dnnl_binary_primitive_desc_create(
            out,
            engine,
            binaryCodes[operation.operation],
            raw(operation.src0),
            raw(operation.src1),
            raw(operation.dst),
            attributes,
          ),
        ];
      case 'matmul':
        return [
          'dnnl_matmul_primitive_desc_create',
          symbols.dnnl_matmul_primitive_desc_create(
            out,
            engine,
            raw(operation.src),
            raw(operation.weights),
            optional(operation.bias),
            raw(operation.dst),
            attributes,
          ),
        ];
      case 'reduction':
        return [
          'dnnl_reduction_primitive_desc_create',
          symbols.dnnl_reduction_primitive_desc_create(
            out,
            engine,
            reductionCodes[operation.operation],
            raw(operation.src),
            raw(operation.dst),
            0,
            0,
            attributes,
          ),
        ];
      case 'softmax':
        return [
          'dnnl_softmax_forward_primitive_desc_create',
          symbols.dnnl_softmax_forward_primitive_desc_create(
            out,
            engine,
            propKinds.inference,
            softmaxCodes[operation.operation],
            raw(operation.src),
            raw(operation.src),
            operation.axis,
            attributes,
          ),
        ];
      case 'reorder':
        return [
          'dnnl_reorder_primitive_desc_create',
          symbols.dnnl_reorder_primitive_desc_create(
            out,
            raw(operation.src),
            engine,
            raw(operation.dst),
            engine,
            attributes,
          ),
        ];
    }
  }

  /** 3.x has no call for it, but an addition whose result's layout is left open takes its operand's. */
  function withType(desc: MemoryDesc, type: NativeType): bigint {
    const any = newDesc('dnnl_memory_desc_create_with_tag', (out) =>
      symbols.dnnl_memory_desc_create_with_tag(
        out,
        desc.dims.length,
        nativeDims(desc.dims),
        dataTypeCodes[type],
        tagAny,
      ),
    );
    const operand = handleOf(desc.raw);
    const primitiveDesc = newDesc('dnnl_binary_primitive_desc_create', (out) =>
      symbols.dnnl_binary_primitive_desc_create(out, engine, binaryCodes.add, operand, operand, any, 0n),
    );
    const result = argument(primitiveDesc, ARG.dst);
    check('dnnl_primitive_desc_destroy', library.common.dnnl_primitive_desc_destroy(primitiveDesc));
    check('dnnl_memory_desc_destroy', symbols.dnnl_memory_desc_destroy(any));
    if (result === null) throw new TypeError('an addition has a result');
    return result;
  }

  function argument(primitiveDesc: bigint, argument: number): bigint | null {
    const owned = library.common.dnnl_primitive_desc_query_md(primitiveDesc, queries.argument, argument);
    if (owned === 0n || owned === null) return null;
    const copy = newDesc('dnnl_memory_desc_clone', (out) => symbols.dnnl_memory_desc_clone(out, owned));
    if (queryInt(copy, descQueries.rank) > 0) return copy;
    check('dnnl_memory_desc_destroy', symbols.dnnl_memory_desc_destroy(copy));
    return null;
  }

  return {
    major: 3,
    postOpBase: 32768,
    isShiftNeededByGradient: false,
    isPaddedReorderFaulty: true,
    isaNames: {
      0x1: 'sse41',
      0x3: 'avx',
      0x7: 'avx2',
      0xf: 'avx2_vnni',
      0x1f: 'avx2_vnni_2',
      0x27: 'avx512_core',
      0x67: 'avx512_core_vnni',
      0xe7: 'avx512_core_bf16',
      0x1ef: 'avx10_1_512',
      0xfef: 'avx10_1_512_amx',
      0x1fef: 'avx10_1_512_amx_fp16',
    },
    strided: (dims, type, strides) =>
      newDesc('dnnl_memory_desc_create_with_strides', (out) =>
        symbols.dnnl_memory_desc_create_with_strides(
          out,
          dims.length,
          nativeDims(dims),
          dataTypeCodes[type],
          nativeDims(strides),
        ),
      ),
    any: (dims, type) =>
      newDesc('dnnl_memory_desc_create_with_tag', (out) =>
        symbols.dnnl_memory_desc_create_with_tag(
          out,
          dims.length,
          nativeDims(dims),
          dataTypeCodes[type],
          tagAny,
        ),
      ),
    blocked: (dims, type, block) =>
      newDesc('dnnl_memory_desc_create_with_tag', (out) =>
        symbols.dnnl_memory_desc_create_with_tag(
          out,
          4,
          nativeDims(dims),
          dataTypeCodes[type],
          tagsBlocked[block],
        ),
      ),
    permute: (desc, axes) =>
      newDesc('dnnl_memory_desc_permute_axes', (out) =>
        symbols.dnnl_memory_desc_permute_axes(out, handleOf(desc.raw), nativeInts(axes)),
      ),
    describe,
    bytes: (raw) => symbols.dnnl_memory_desc_get_size(handleOf(raw)),
    fingerprint(raw) {
      const { isBlocked, ...layout } = describe(raw);
      // A packed format cannot be told from another by its queries: its handle stands for itself.
      return JSON.stringify(isBlocked || layout.strides.length > 0 ? layout : { ...layout, any: true });
    },
    release(raw) {
      check('dnnl_memory_desc_destroy', symbols.dnnl_memory_desc_destroy(handleOf(raw)));
    },
    createMemory: (desc) =>
      created((out) =>
        check('dnnl_memory_create', symbols.dnnl_memory_create(out, handleOf(desc.raw), engine, 0n)),
      ),
    argument,
    withType,
    appendPostOp(postOps: bigint, postOp: PostOp) {
      if (postOp.kind === 'eltwise') {
        const { alpha = 0, beta = 0 } = postOp;
        const code = eltwiseCodes[postOp.function];
        check(
          'dnnl_post_ops_append_eltwise',
          symbols.dnnl_post_ops_append_eltwise(postOps, code, alpha, beta),
        );
      } else if (postOp.kind === 'sum') {
        // Zero point 0; type 0 stands for the destination's.
        check('dnnl_post_ops_append_sum', symbols.dnnl_post_ops_append_sum(postOps, 1, 0, 0));
      } else {
        const code = binaryCodes[postOp.operation];
        check(
          'dnnl_post_ops_append_binary',
          symbols.dnnl_post_ops_append_binary(postOps, code, handleOf(postOp.src1.raw)),
        );
      }
    },
    primitiveDesc: (operation, attributes, hint) =>
      created((out) => {
        const [call, status] = create(operation, attributes, hint, out);
        check(call, status, operation.kind);
      }),
  };
}
