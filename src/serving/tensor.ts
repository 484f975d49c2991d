import { encodeUtf8, InputError } from '../base/index.ts';

/** What of the data types of the Open Inference Protocol we take and give. */
export type Datatype = 'UINT8' | 'INT32' | 'FP32' | 'BYTES';

/** What an answer holds. `BYTES`: one text for each element. */
export type Tensor = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly datatype: 'UINT8'; readonly values: Uint8Array }
  | { readonly datatype: 'INT32'; readonly values: Int32Array }
  | { readonly datatype: 'FP32'; readonly values: Float32Array }
  | { readonly datatype: 'BYTES'; readonly values: readonly string[] }
);

/** What a request holds: as it came, for nobody has looked at it yet. */
export interface InputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** `raw`: little-endian, elements of BYTES with their length (4 bytes) in front. */
  readonly content:
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
    | { readonly kind: 'values'; readonly values: readonly unknown[] };
}

const lengthBytes = 4;

/** Elements as they lie behind the JSON of an answer, and in gRPC's `raw_output_contents`. */
export function rawBytes(tensor: Tensor): Uint8Array {
  if (tensor.datatype === 'BYTES') return joined(tensor.values.map(encodeUtf8));
  const { buffer, byteOffset, byteLength } = tensor.values;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function joined(elements: readonly Uint8Array[]): Uint8Array {
  const size = elements.reduce((sum, { byteLength }) => sum + lengthBytes + byteLength, 0);
  const all = new Uint8Array(size);
  const view = new DataView(all.buffer);
  let at = 0;
  for (const element of elements) {
    view.setUint32(at, element.byteLength, true);
    all.set(element, at + lengthBytes);
    at += lengthBytes + element.byteLength;
  }
  return all;
}

/** The one element of a tensor of BYTES. Throws an InputError where there is another number of them. */
export function oneElement(name: string, bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const length =
    byteLength < lengthBytes ? -1 : new DataView(buffer, byteOffset, byteLength).getUint32(0, true);
  if (length !== byteLength - lengthBytes)
    throw new InputError(
      'request-tensor',
      `The ${byteLength} bytes of the input "${name}" are not one element of BYTES.`,
      'Put the length of the picture in front of it, as 4 little-endian bytes, and send one picture per request.',
    );
  return bytes.subarray(lengthBytes);
}
