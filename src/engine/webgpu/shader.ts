import { HALF } from './bits.js';

/** Of an array's elements; `float` may lie in 32 bits or in 16, and is computed with in 32. */
export type ElementType = 'f32' | 'i32' | 'float';

/** A program of one dispatch: what it takes and gives, and the body of its entry. */
export interface Shader {
  /** Of the kernel: errors name it. */
  readonly name: string;
  /** @param halves bit i: whether the elements of input or output i, of type `float`, lie in 16 bits */
  readonly code: (halves: number) => string;
  readonly inputs: readonly ElementType[];
  readonly outputs: readonly ElementType[];
  /** In the order of the uniform's fields. */
  readonly params: readonly (readonly [name: string, type: ParamType])[];
}

type ParamType = 'f32' | 'u32' | 'i32';

export interface ShaderSource {
  name: string;
  /**
   * Arrays that are read, by name and type of their elements; bool tensors are i32. The body reads `x[i]`; of type `float` it reads
   * `read_x(i)` and writes `write_x(i, value)`.
   */
  inputs: Readonly<Record<string, ElementType>>;
  outputs: Readonly<Record<string, ElementType>>;
  /** Numbers that come with each dispatch, as `params.name`. */
  params?: Readonly<Record<string, ParamType>>;
  /** Threads of a workgroup. */
  workgroup: readonly [number, number?, number?];
  /** Of WGSL, that it needs beside f16 where arrays lie in 16 bits. */
  extensions?: readonly string[];
  /** Functions and workgroup memory. */
  head?: string;
  /** Further arguments of the entry, each after a comma. */
  entry?: string;
  /** Of the entry, which knows `global`, `local`, `group` and `groups` (threads by number, workgroups by number and count). */
  body: string;
}

/** Numbers from 0 on, for what a shader's text repeats. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

let sum = 0;

/** A number that is another one as soon as a shader is. */
export const shaderSum = (): string => (sum >>> 0).toString(16);

function addToSum(code: string): void {
  for (let i = 0; i < code.length; i++) sum = (Math.imul(sum, 31) + code.charCodeAt(i)) | 0;
}

/**
 * Makes a shader: the declarations that all have alike, before its own body.
 * @param isCounted whether it is part of the sum; not where one like it is, and it depends on the device
 */
export function makeShader(source: ShaderSource, isCounted = true): Shader {
  const { name, inputs, outputs, params = {} } = source;
  const code = (halves: number): string => codeOf(source, halves);
  const types = [...Object.values(inputs), ...Object.values(outputs)];
  if (isCounted) {
    addToSum(code(0));
    addToSum(code(types.reduce((bits, type, i) => (type === 'float' ? bits | (1 << i) : bits), 0)));
  }
  return {
    ...{ name, code, params: Object.entries(params) },
    ...{ inputs: Object.values(inputs), outputs: Object.values(outputs) },
  };
}

function codeOf(
  { inputs, outputs, params = {}, workgroup, extensions = [], head = '', entry = '', body }: ShaderSource,
  halves: number,
): string {
  const arrays = [...Object.entries(inputs), ...Object.entries(outputs)];
  const declarations = arrays.map(([array, type], i) =>
    declaration(array, type, {
      ...{ binding: i, isHalf: ((halves >> i) & 1) === 1 },
      isOutput: i >= Object.keys(inputs).length,
    }),
  );
  const fields = Object.entries(params);
  const uniform =
    fields.length === 0
      ? ''
      : `struct Params { ${fields.map(([field, type]) => `${field}: ${type}`).join(', ')} }
@group(0) @binding(${arrays.length}) var<uniform> params: Params;`;
  const enabled = new Set([...(halves > 0 ? ['f16'] : []), ...extensions]);
  const enables = [...enabled].map((extension) => `enable ${extension};\n`).join('');
  return `${enables}${enabled.has('f16') ? `${HALF}\n` : ''}${declarations.join('\n')}
${uniform}
${head}
@compute @workgroup_size(${workgroup.join(', ')})
fn main(@builtin(global_invocation_id) global: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>,
        @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>${entry}) {
${body}
}
`;
}

/** An array and, of type `float`, how it is read or written. */
function declaration(
  array: string,
  type: ElementType,
  { binding, isHalf, isOutput }: { binding: number; isHalf: boolean; isOutput: boolean },
): string {
  const access = isOutput ? 'read_write' : 'read';
  const declared = (stored: string): string =>
    `@group(0) @binding(${binding}) var<storage, ${access}> ${array}: array<${stored}>;`;
  if (type !== 'float') return declared(type);
  const [stored, value] = isHalf ? ['f16', 'half(value)'] : ['f32', 'value'];
  return `${declared(stored)}
${
  isOutput
    ? `fn write_${array}(i: u32, value: f32) { ${array}[i] = ${value}; }`
    : `fn read_${array}(i: u32) -> f32 { return ${isHalf ? `f32(${array}[i])` : `${array}[i]`}; }`
}`;
}

const THREADS = 256;

/** A shader whose threads are one an element `i` of `size` many. */
export function elementwiseShader(source: Omit<ShaderSource, 'workgroup'>): Shader {
  return makeShader({
    ...source,
    params: { size: 'u32', ...source.params },
    workgroup: [THREADS],
    body: `  let i = global.y * groups.x * ${THREADS}u + global.x;
  if (i >= params.size) { return; }
${source.body}`,
  });
}

/** Workgroups of an elementwise shader: no direction has more than every device takes. */
export function groupsFor(size: number): [number, number, number] {
  const groups = Math.ceil(size / THREADS);
  const columns = Math.min(groups, 65_535);
  return [columns, Math.ceil(groups / columns), 1];
}
