import { decodeUtf8Leniently, InputError, LimitError } from '../base/index.ts';

/** protobuf's own limit for one message, and what ONNX allows without external data. */
export const maxOnnxBytes = 2 ** 31 - 1;

/** Before a byte of it is read: such a file can't be held in one piece anyway. */
export function refuseTooLarge(bytes: number): void {
  if (bytes <= maxOnnxBytes) return;
  throw new LimitError(
    'onnx-too-large',
    `The model has ${bytes} bytes; an ONNX file without external data holds at most 2 GB.`,
    'Use a smaller model.',
  );
}

export interface OnnxHeader {
  readonly irVersion: number;
  readonly producer: string;
  /** By operator domain; '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  /** What the exporter noted, at most 256 KiB of each. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads the fields of an ONNX ModelProto that stand beside the graph (onnx.proto: ir_version 1, producer_name 2,
 * graph 7, opset_import 8, metadata_props 14), without reading the graph. What is not ONNX is refused in words: a download page, a
 * checkpoint of PyTorch, a file cut short.
 */
export function readOnnxHeader(bytes: Uint8Array, fileName: string): OnnxHeader {
  const other = whatElse(bytes);
  if (other !== undefined) throw refused(fileName, other.what, other.remedy);
  let irVersion = 0;
  let producer = '';
  let graph = false;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const reader = new Fields(bytes, 0, bytes.length);
  try {
    for (let field = reader.next(); field !== undefined; field = reader.next()) {
      if (field.number === 1 && field.wire === 0) irVersion = field.value;
      if (field.number === 2 && field.wire === 2) producer = asciiOf(bytes, field.start, field.end);
      if (field.number === 7 && field.wire === 2) graph = true;
      if (field.number === 8 && field.wire === 2) {
        let domain = '';
        let version = 0;
        const entry = new Fields(bytes, field.start, field.end);
        for (let inner = entry.next(); inner !== undefined; inner = entry.next()) {
          if (inner.number === 1 && inner.wire === 2) domain = asciiOf(bytes, inner.start, inner.end);
          if (inner.number === 2 && inner.wire === 0) version = inner.value;
        }
        opsets.set(domain === 'ai.onnx' ? '' : domain, version);
      }
      if (field.number === 14 && field.wire === 2) {
        let key = '';
        let value = '';
        const entry = new Fields(bytes, field.start, field.end);
        for (let inner = entry.next(); inner !== undefined; inner = entry.next()) {
          if (inner.number === 1 && inner.wire === 2) key = textOf(bytes, inner.start, inner.end, 256);
          if (inner.number === 2 && inner.wire === 2)
            value = textOf(bytes, inner.start, inner.end, mostMetadata);
        }
        if (metadata.size < 64) metadata.set(key, value);
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused(fileName, 'is cut short or damaged', copyAgain, error);
  }
  if (!graph) throw refused(fileName, 'is not an ONNX model: it holds no graph', copyAgain);
  return { irVersion, producer, opsets, metadata };
}

const copyAgain = 'Copy or export the file again and compare its size with the original.';

function whatElse(bytes: Uint8Array): { readonly what: string; readonly remedy: string } | undefined {
  const start = asciiOf(bytes, 0, Math.min(bytes.length, 64));
  if (bytes.length === 0) return { what: 'is empty', remedy: copyAgain };
  if (start.startsWith('PK')) {
    return {
      what: 'is a zip archive, probably a PyTorch checkpoint',
      remedy: 'Export it to ONNX first, for example with `yolo export format=onnx` or `torch.onnx.export`.',
    };
  }
  if (start.startsWith('version https://git-lfs')) {
    return { what: 'is a pointer of Git LFS, not the model', remedy: 'Run `git lfs pull` and try again.' };
  }
  if (/^\s*(<!doctype|<html|\{|\[)/i.test(start)) {
    return { what: 'is text (a web page or JSON), not a model', remedy: 'Download the file itself again.' };
  }
  if (isText(bytes.subarray(0, 64)))
    return { what: 'is text, not a model', remedy: 'Name the .onnx file that your training exported.' };
  if (start.slice(4, 8) === 'TFL3') {
    return {
      what: 'is a TensorFlow Lite model',
      remedy: 'Convert it to ONNX first, for example with tf2onnx.',
    };
  }
  return undefined;
}

/** Letters, digits and line ends alone: the first bytes of a model are numbers of fields and lengths. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13);
}

interface Field {
  readonly number: number;
  readonly wire: number;
  /** The number of a varint field; 0 for others. */
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

/** Walks over the fields of one protobuf message; throws a RangeError where the bytes end too early. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  next(): Field | undefined {
    if (this.#at >= this.#end) return undefined;
    const tag = this.#varint();
    const wire = tag % 8;
    const number = Math.floor(tag / 8);
    if (number === 0) throw new RangeError('field number 0');
    if (wire === 0) {
      const value = this.#varint();
      return { number, wire, value, start: this.#at, end: this.#at };
    }
    const length = wire === 2 ? this.#varint() : wire === 1 ? 8 : wire === 5 ? 4 : -1;
    const start = this.#at;
    if (length < 0 || start + length > this.#end) throw new RangeError('field out of bounds');
    this.#at = start + length;
    return { number, wire, value: 0, start, end: start + length };
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new RangeError('varint out of bounds');
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('varint too long');
  }
}

/** Bytes of one note: the names of 10,000 classes fit. */
const mostMetadata = 256 * 1024;

function textOf(bytes: Uint8Array, start: number, end: number, most: number): string {
  return decodeUtf8Leniently(bytes.subarray(start, Math.min(end, start + most)));
}

function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < Math.min(end, start + 256); at += 1) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

function refused(fileName: string, what: string, remedy: string, cause?: unknown): InputError {
  return new InputError('onnx-file', `${fileName} ${what}.`, remedy, cause === undefined ? {} : { cause });
}
