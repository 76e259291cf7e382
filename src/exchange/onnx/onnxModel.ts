import { float, integer, message, string } from '../../io/protobuf.js';

/*
 * The messages of an ONNX file in protobuf's wire format; field numbers are those of onnx.proto:
 *   ModelProto     { ir_version = 1; producer_name = 2; producer_version = 3; graph = 7; opset_import = 8; metadata_props = 14; }
 *   GraphProto     { node = 1; name = 2; initializer = 5; input = 11; output = 12; }
 *   NodeProto      { input = 1; output = 2; name = 3; op_type = 4; attribute = 5; }
 *   AttributeProto { name = 1; f = 2; i = 3; ints = 8; type = 20; }   FLOAT = 1, INT = 2, INTS = 7
 *   TensorProto    { dims = 1; data_type = 2; name = 8; raw_data = 9; }   FLOAT = 1
 *   ValueInfoProto { name = 1; type = 2; }   TypeProto { tensor_type = 1 { elem_type = 1; shape = 2 { dim = 1 { dim_value = 1; dim_param = 2; } } } }
 */

/** Read by onnxruntime since 1.11 (2022). */
const IR_VERSION = 8;
const OPSET = 17;
const FLOAT = 1;

export type Attribute = { float: number } | { integer: number } | { integers: readonly number[] };

export interface Node {
  op: string;
  name: string;
  inputs: readonly string[];
  output: string;
  attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  name: string;
  dims: readonly number[];
  values: Float32Array;
}

export interface Graph {
  name: string;
  nodes: readonly Node[];
  constants: readonly Constant[];
  /** Shapes without the batch, whose size is free. */
  input: { name: string; shape: readonly number[] };
  output: { name: string; shape: readonly number[] };
}

/** The content of an ONNX file. @param metadata texts by name */
export function onnxFile(
  graph: Graph,
  producer: { name: string; version: string },
  metadata: Readonly<Record<string, string>>,
): Buffer {
  return Buffer.concat([
    integer(1, IR_VERSION),
    string(2, producer.name),
    string(3, producer.version),
    message(7, graphMessage(graph)),
    message(8, string(1, ''), integer(2, OPSET)),
    ...Object.entries(metadata).map(([name, value]) => message(14, string(1, name), string(2, value))),
  ]);
}

function graphMessage({ name, nodes, constants, input, output }: Graph): Buffer {
  return Buffer.concat([
    ...nodes.map((node) => message(1, nodeMessage(node))),
    string(2, name),
    ...constants.map((constant) => message(5, tensorMessage(constant))),
    message(11, valueMessage(input)),
    message(12, valueMessage(output)),
  ]);
}

function nodeMessage({ op, name, inputs, output, attributes }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => string(1, input)),
    string(2, output),
    string(3, name),
    string(4, op),
    ...Object.entries(attributes).map(([key, value]) => message(5, string(1, key), attributeMessage(value))),
  ]);
}

function attributeMessage(attribute: Attribute): Buffer {
  if ('float' in attribute) return Buffer.concat([float(2, attribute.float), integer(20, 1)]);
  if ('integer' in attribute) return Buffer.concat([integer(3, attribute.integer), integer(20, 2)]);
  return Buffer.concat([...attribute.integers.map((value) => integer(8, value)), integer(20, 7)]);
}

function tensorMessage({ name, dims, values }: Constant): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return Buffer.concat([
    ...dims.map((dim) => integer(1, dim)),
    integer(2, FLOAT),
    string(8, name),
    message(9, bytes),
  ]);
}

function valueMessage({ name, shape }: { name: string; shape: readonly number[] }): Buffer {
  const dims = [message(1, string(2, 'N')), ...shape.map((dim) => message(1, integer(1, dim)))];
  return Buffer.concat([string(1, name), message(2, message(1, integer(1, FLOAT), message(2, ...dims)))]);
}
