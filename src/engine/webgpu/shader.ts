/** A program of one dispatch: what it takes and gives, and the body of its entry. */
export interface Shader {
  /** Of the kernel: errors name it. */
  readonly name: string;
  readonly code: string;
  /** Types of the elements. */
  readonly inputs: readonly ('f32' | 'i32')[];
  readonly outputs: number;
  /** In the order of the uniform's fields. */
  readonly params: readonly (readonly [name: string, type: ParamType])[];
}

type ParamType = 'f32' | 'u32' | 'i32';

export interface ShaderSource {
  name: string;
  /** Arrays that are read, by name and type of their elements; bool tensors are i32. */
  inputs: Readonly<Record<string, 'f32' | 'i32'>>;
  outputs: Readonly<Record<string, 'f32' | 'i32'>>;
  /** Numbers that come with each dispatch, as `params.name`. */
  params?: Readonly<Record<string, ParamType>>;
  /** Threads of a workgroup. */
  workgroup: readonly [number, number?, number?];
  /** Functions and workgroup memory. */
  head?: string;
  /** Of the entry, which knows `global`, `local`, `group` and `groups` (threads by number, workgroups by number and count). */
  body: string;
}

let sum = 0;

/** A number that is another one as soon as a shader is. */
export const shaderSum = (): string => (sum >>> 0).toString(16);

function addToSum(code: string): void {
  for (let i = 0; i < code.length; i++) sum = (Math.imul(sum, 31) + code.charCodeAt(i)) | 0;
}

/** Writes the declarations that all shaders have alike. */
export function makeShader({
  name,
  inputs,
  outputs,
  params = {},
  workgroup,
  head = '',
  body,
}: ShaderSource): Shader {
  const names = [...Object.entries(inputs), ...Object.entries(outputs)];
  const arrays = names.map(([array, type], i) => {
    const access = i < Object.keys(inputs).length ? 'read' : 'read_write';
    return `@group(0) @binding(${i}) var<storage, ${access}> ${array}: array<${type}>;`;
  });
  const fields = Object.entries(params);
  const uniform =
    fields.length === 0
      ? ''
      : `struct Params { ${fields.map(([field, type]) => `${field}: ${type}`).join(', ')} }
@group(0) @binding(${names.length}) var<uniform> params: Params;`;
  const code = `${arrays.join('\n')}
${uniform}
${head}
@compute @workgroup_size(${workgroup.join(', ')})
fn main(@builtin(global_invocation_id) global: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>,
        @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
${body}
}
`;
  addToSum(code);
  return {
    ...{ name, code, params: fields },
    ...{ inputs: Object.values(inputs), outputs: Object.keys(outputs).length },
  };
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
