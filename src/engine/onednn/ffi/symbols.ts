/**
 * The one table of native functions: name → [result, parameters]. Everything that is called is here, and
 * the TypeScript types of the bound functions are derived from it.
 *
 * - `pointer`: an address as bigint, 0n is NULL
 * - `bytes`: memory of ours that the callee reads or writes during the call (koffi passes the address, no copy)
 * - `optionalBytes`: the same, or null
 */
export type CType =
  'void' | 'int' | 'unsigned' | 'float' | 'size' | 'pointer' | 'bytes' | 'optionalBytes' | 'string';
export type Signature = readonly [result: CType, parameters: readonly CType[]];

/** Names for koffi. `void *` refuses typed arrays, hence `uint8_t *` for bytes. */
export const koffiTypes: Readonly<Record<CType, string>> = {
  void: 'void',
  int: 'int',
  unsigned: 'unsigned int',
  float: 'float',
  size: 'size_t',
  pointer: 'void *',
  bytes: 'uint8_t *',
  optionalBytes: 'uint8_t *',
  string: 'const char *',
};

/** The same in every version. */
export const commonSymbols = {
  dnnl_version: ['pointer', []],
  dnnl_get_effective_cpu_isa: ['int', []],
  dnnl_set_primitive_cache_capacity: ['int', ['int']],
  dnnl_engine_create: ['int', ['bytes', 'int', 'size']],
  dnnl_engine_destroy: ['int', ['pointer']],
  dnnl_stream_create: ['int', ['bytes', 'pointer', 'unsigned']],
  dnnl_stream_destroy: ['int', ['pointer']],
  dnnl_stream_wait: ['int', ['pointer']],
  dnnl_memory_set_data_handle: ['int', ['pointer', 'pointer']],
  dnnl_memory_destroy: ['int', ['pointer']],
  dnnl_primitive_create: ['int', ['bytes', 'pointer']],
  dnnl_primitive_destroy: ['int', ['pointer']],
  dnnl_primitive_execute: ['int', ['pointer', 'pointer', 'int', 'bytes']],
  dnnl_primitive_desc_destroy: ['int', ['pointer']],
  dnnl_primitive_desc_query: ['int', ['pointer', 'int', 'int', 'bytes']],
  dnnl_primitive_desc_query_md: ['pointer', ['pointer', 'int', 'int']],
  dnnl_primitive_attr_create: ['int', ['bytes']],
  dnnl_primitive_attr_destroy: ['int', ['pointer']],
  dnnl_primitive_attr_set_scratchpad_mode: ['int', ['pointer', 'int']],
  dnnl_primitive_attr_set_post_ops: ['int', ['pointer', 'pointer']],
  dnnl_post_ops_create: ['int', ['bytes']],
  dnnl_post_ops_destroy: ['int', ['pointer']],
} as const satisfies Record<string, Signature>;

/** 2.x: memory descriptors are structs of 696 bytes, operation descriptors are initialised and passed on. */
export const symbols2 = {
  dnnl_memory_create: ['int', ['bytes', 'bytes', 'pointer', 'pointer']],
  dnnl_memory_desc_get_size: ['size', ['bytes']],
  dnnl_memory_desc_init_by_strides: ['int', ['bytes', 'int', 'bytes', 'int', 'bytes']],
  dnnl_memory_desc_init_by_tag: ['int', ['bytes', 'int', 'bytes', 'int', 'int']],
  dnnl_memory_desc_permute_axes: ['int', ['bytes', 'bytes', 'bytes']],
  dnnl_primitive_desc_create: ['int', ['bytes', 'bytes', 'pointer', 'pointer', 'pointer']],
  dnnl_reorder_primitive_desc_create: ['int', ['bytes', 'bytes', 'pointer', 'bytes', 'pointer', 'pointer']],
  dnnl_post_ops_append_eltwise: ['int', ['pointer', 'float', 'int', 'float', 'float']],
  dnnl_post_ops_append_binary: ['int', ['pointer', 'int', 'bytes']],
  dnnl_post_ops_append_sum: ['int', ['pointer', 'float']],
  dnnl_dilated_convolution_forward_desc_init: [
    'int',
    ['bytes', 'int', 'int', 'bytes', 'bytes', 'optionalBytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes'],
  ],
  dnnl_dilated_convolution_backward_data_desc_init: [
    'int',
    ['bytes', 'int', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes'],
  ],
  dnnl_dilated_convolution_backward_weights_desc_init: [
    'int',
    ['bytes', 'int', 'bytes', 'bytes', 'optionalBytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes'],
  ],
  dnnl_eltwise_forward_desc_init: ['int', ['bytes', 'int', 'int', 'bytes', 'float', 'float']],
  dnnl_eltwise_backward_desc_init: ['int', ['bytes', 'int', 'bytes', 'bytes', 'float', 'float']],
  dnnl_softmax_v2_forward_desc_init: ['int', ['bytes', 'int', 'int', 'bytes', 'bytes', 'int']],
  dnnl_pooling_v2_forward_desc_init: [
    'int',
    ['bytes', 'int', 'int', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes'],
  ],
  dnnl_pooling_v2_backward_desc_init: [
    'int',
    ['bytes', 'int', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes', 'bytes'],
  ],
  dnnl_batch_normalization_forward_desc_init: ['int', ['bytes', 'int', 'bytes', 'float', 'unsigned']],
  dnnl_batch_normalization_backward_desc_init: [
    'int',
    ['bytes', 'int', 'bytes', 'bytes', 'float', 'unsigned'],
  ],
  dnnl_binary_desc_init: ['int', ['bytes', 'int', 'bytes', 'bytes', 'bytes']],
  dnnl_matmul_desc_init: ['int', ['bytes', 'bytes', 'bytes', 'optionalBytes', 'bytes']],
  dnnl_reduction_desc_init: ['int', ['bytes', 'int', 'bytes', 'bytes', 'float', 'float']],
} as const satisfies Record<string, Signature>;

/** 3.x: memory descriptors are opaque handles, `dnnl_<operation>_primitive_desc_create` takes everything. */
export const symbols3 = {
  dnnl_memory_create: ['int', ['bytes', 'pointer', 'pointer', 'pointer']],
  dnnl_memory_desc_get_size: ['size', ['pointer']],
  dnnl_memory_desc_create_with_strides: ['int', ['bytes', 'int', 'bytes', 'int', 'bytes']],
  dnnl_memory_desc_create_with_tag: ['int', ['bytes', 'int', 'bytes', 'int', 'int']],
  dnnl_memory_desc_permute_axes: ['int', ['bytes', 'pointer', 'bytes']],
  dnnl_memory_desc_clone: ['int', ['bytes', 'pointer']],
  dnnl_memory_desc_destroy: ['int', ['pointer']],
  dnnl_memory_desc_query: ['int', ['pointer', 'int', 'bytes']],
  dnnl_reorder_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer'],
  ],
  dnnl_post_ops_append_eltwise: ['int', ['pointer', 'int', 'float', 'float']],
  dnnl_post_ops_append_binary: ['int', ['pointer', 'int', 'pointer']],
  dnnl_post_ops_append_sum: ['int', ['pointer', 'float', 'int', 'int']],
  dnnl_convolution_forward_primitive_desc_create: [
    'int',
    [
      'bytes',
      'pointer',
      'int',
      'int',
      'pointer',
      'pointer',
      'pointer',
      'pointer',
      'bytes',
      'bytes',
      'bytes',
      'bytes',
      'pointer',
    ],
  ],
  dnnl_convolution_backward_data_primitive_desc_create: [
    'int',
    [
      'bytes',
      'pointer',
      'int',
      'pointer',
      'pointer',
      'pointer',
      'bytes',
      'bytes',
      'bytes',
      'bytes',
      'pointer',
      'pointer',
    ],
  ],
  dnnl_convolution_backward_weights_primitive_desc_create: [
    'int',
    [
      'bytes',
      'pointer',
      'int',
      'pointer',
      'pointer',
      'pointer',
      'pointer',
      'bytes',
      'bytes',
      'bytes',
      'bytes',
      'pointer',
      'pointer',
    ],
  ],
  dnnl_eltwise_forward_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'int', 'int', 'pointer', 'pointer', 'float', 'float', 'pointer'],
  ],
  dnnl_eltwise_backward_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'int', 'pointer', 'pointer', 'pointer', 'float', 'float', 'pointer', 'pointer'],
  ],
  dnnl_softmax_forward_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'int', 'int', 'pointer', 'pointer', 'int', 'pointer'],
  ],
  dnnl_pooling_forward_primitive_desc_create: [
    'int',
    [
      'bytes',
      'pointer',
      'int',
      'int',
      'pointer',
      'pointer',
      'bytes',
      'bytes',
      'bytes',
      'bytes',
      'bytes',
      'pointer',
    ],
  ],
  dnnl_pooling_backward_primitive_desc_create: [
    'int',
    [
      'bytes',
      'pointer',
      'int',
      'pointer',
      'pointer',
      'bytes',
      'bytes',
      'bytes',
      'bytes',
      'bytes',
      'pointer',
      'pointer',
    ],
  ],
  dnnl_batch_normalization_forward_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'int', 'pointer', 'pointer', 'float', 'unsigned', 'pointer'],
  ],
  dnnl_batch_normalization_backward_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'int', 'pointer', 'pointer', 'pointer', 'float', 'unsigned', 'pointer', 'pointer'],
  ],
  dnnl_binary_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'int', 'pointer', 'pointer', 'pointer', 'pointer'],
  ],
  dnnl_matmul_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer'],
  ],
  dnnl_reduction_primitive_desc_create: [
    'int',
    ['bytes', 'pointer', 'int', 'pointer', 'pointer', 'float', 'float', 'pointer'],
  ],
} as const satisfies Record<string, Signature>;

/** From the C library. */
export const libcSymbols = {
  posix_memalign: ['int', ['bytes', 'size', 'size']],
  free: ['void', ['pointer']],
} as const satisfies Record<string, Signature>;

/** The system's loader of libraries. */
export const loaderSymbols = {
  dlopen: ['pointer', ['string', 'int']],
  dlsym: ['pointer', ['pointer', 'string']],
} as const satisfies Record<string, Signature>;

/** From the C library of Linux. */
export const linuxSymbols = {
  madvise: ['int', ['pointer', 'size', 'int']],
  sched_getaffinity: ['int', ['int', 'size', 'bytes']],
  sched_setaffinity: ['int', ['int', 'size', 'bytes']],
  mmap: ['pointer', ['pointer', 'size', 'int', 'int', 'int', 'size']],
  mprotect: ['int', ['pointer', 'size', 'int']],
  munmap: ['int', ['pointer', 'size']],
} as const satisfies Record<string, Signature>;

/** OpenMP's thread count: exported by the runtime that the library is linked with. */
export const openmpSymbols = {
  omp_set_num_threads: ['void', ['int']],
  omp_get_max_threads: ['int', []],
} as const satisfies Record<string, Signature>;

/** GNU's OpenMP, and others for its sake: runs a function on all threads. Function, its argument, threads (0: as many as is set), flags. */
export const gompSymbols = {
  GOMP_parallel: ['void', ['pointer', 'pointer', 'unsigned', 'unsigned']],
} as const satisfies Record<string, Signature>;

interface Values {
  void: void;
  int: number;
  unsigned: number;
  float: number;
  size: number;
  pointer: bigint;
  bytes: Uint8Array;
  optionalBytes: Uint8Array | null;
  string: string;
}
type Parameters<T extends readonly CType[]> = { -readonly [I in keyof T]: Values[T[I]] };

/** The bound functions of a symbol table. */
export type Bound<T extends Record<string, Signature>> = {
  readonly [K in keyof T]: (...args: Parameters<T[K][1]>) => Values[T[K][0]];
};
