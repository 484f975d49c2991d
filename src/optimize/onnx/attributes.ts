import {
  type AttributeProto,
  attributeTypes,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from './types.ts';

/** Attribute strings of ONNX operators are ASCII words such as `nearest`. */
function encodeAscii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0x7f);
}
function decodeAscii(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

export function attribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((item) => item.name === name);
}

export function intAttribute(node: NodeProto, name: string, otherwise: number): number {
  const value = attribute(node, name)?.i;
  return value === undefined ? otherwise : Number(value);
}

export function intsAttribute(node: NodeProto, name: string): number[] | undefined {
  return attribute(node, name)?.ints.map(Number);
}

export function floatAttribute(node: NodeProto, name: string, otherwise: number): number {
  return attribute(node, name)?.f ?? otherwise;
}

export function stringAttribute(node: NodeProto, name: string, otherwise: string): string {
  const value = attribute(node, name)?.s;
  return value === undefined ? otherwise : decodeAscii(value);
}

export function tensorAttribute(node: NodeProto, name: string): TensorProto | undefined {
  return attribute(node, name)?.t;
}

export function removeAttribute(node: NodeProto, name: string): void {
  node.attribute = node.attribute.filter((item) => item.name !== name);
}

export type AttributeValue = number | readonly number[] | string | { readonly float: number } | TensorProto;

/** Integers, lists of integers, strings, floats (as `{ float }`) and tensors; replaces one of the same name. */
export function setAttribute(node: NodeProto, name: string, value: AttributeValue): void {
  removeAttribute(node, name);
  node.attribute.push(makeAttribute(name, value));
}

function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  const base: AttributeProto = { name, floats: [], ints: [], strings: [], tensors: [], graphs: [] };
  if (typeof value === 'number') return { ...base, type: attributeTypes.int, i: BigInt(value) };
  if (typeof value === 'string') return { ...base, type: attributeTypes.string, s: encodeAscii(value) };
  if (isList(value)) {
    return { ...base, type: attributeTypes.ints, ints: value.map((item) => BigInt(item)) };
  }
  if ('float' in value) return { ...base, type: attributeTypes.float, f: value.float };
  return { ...base, type: attributeTypes.tensor, t: value };
}

function isList(value: AttributeValue): value is readonly number[] {
  return Array.isArray(value);
}

export function makeNode(
  opType: string,
  name: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto {
  return {
    opType,
    name,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([key, value]) => makeAttribute(key, value)),
  };
}

/** Graphs inside the node (If, Loop, Scan). */
export function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((item) => (item.g === undefined ? item.graphs : [item.g, ...item.graphs]));
}
