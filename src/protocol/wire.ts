import type { Static, TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { decode as decodeCbor, encode as encodeCbor } from 'cborg';
import { decodeUtf8, defined, describeError, encodeUtf8, InputError, InternalError } from '../base/index.ts';

export type Encoding = 'json' | 'cbor';

/** How one kind of payload travels. */
export interface WireFormat<T extends TSchema> {
  readonly schema: T;
  readonly encoding: Encoding;
  /** Larger payloads are refused before a byte of them is parsed. */
  readonly maxBytes: number;
}

/** Deep enough for every payload of ours; a reader that recurses can rely on it. */
export const maxDepth = 32;

const compiled = new Map<TSchema, TypeCheck<TSchema>>();

function checkOf(schema: TSchema): TypeCheck<TSchema> {
  let check = compiled.get(schema);
  if (check === undefined) {
    check = TypeCompiler.Compile(schema);
    compiled.set(schema, check);
  }
  return check;
}

/** Bytes of a value that fits its schema; anything else is a defect of ours and is said so before it is sent. */
export function encodeWith<T extends TSchema>(
  format: WireFormat<T>,
  value: Static<T>,
  where: string,
): Uint8Array {
  const wrong = firstError(format.schema, value);
  if (wrong !== undefined)
    throw new InternalError(
      'payload-unencodable',
      `Goshawk made a payload for ${where} that does not fit the protocol: ${wrong}.`,
      'Report this as a defect of Goshawk.',
    );
  const bytes =
    format.encoding === 'json'
      ? encodeUtf8(JSON.stringify(value))
      : encodeCbor(value, { ignoreUndefinedProperties: true });
  if (bytes.byteLength > format.maxBytes)
    throw new InternalError(
      'payload-unencodable',
      `Goshawk made a payload for ${where} of ${bytes.byteLength} bytes; the limit is ${format.maxBytes}.`,
      'Report this as a defect of Goshawk.',
    );
  return bytes;
}

/** The value in `bytes`, or InputError `payload-invalid` that names topic and path; throws nothing else. */
export function decodeWith<T extends TSchema>(
  format: WireFormat<T>,
  bytes: Uint8Array,
  topic: string,
): Static<T> {
  if (bytes.byteLength > format.maxBytes)
    throw invalid(topic, `${bytes.byteLength} bytes, more than the limit of ${format.maxBytes}`);
  let value: unknown;
  try {
    value = format.encoding === 'json' ? JSON.parse(decodeUtf8(bytes)) : parseCbor(bytes);
  } catch (cause) {
    // A stack overflow on a deeply nested payload ends here too.
    throw invalid(
      topic,
      `not ${format.encoding.toUpperCase()}: ${describeError(cause).slice(0, 200)}`,
      cause,
    );
  }
  return checkWith(format.schema, value, topic);
}

/** A value that was parsed already, held against a schema; the same error as `decodeWith`. */
export function checkWith<T extends TSchema>(schema: T, value: unknown, topic: string): Static<T> {
  const wrong = findStrange(value) ?? firstError(schema, value);
  if (wrong !== undefined) throw invalid(topic, wrong);
  return value as Static<T>;
}

function parseCbor(bytes: Uint8Array): unknown {
  return decodeCbor(bytes, {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    allowBigInt: false,
    rejectDuplicateMapKeys: true,
  });
}

function firstError(schema: TSchema, value: unknown): string | undefined {
  const check = checkOf(schema);
  if (check.Check(value)) return undefined;
  const error = check.Errors(value).First();
  if (error === undefined) return 'it does not fit the schema';
  return `${error.path.slice(0, 200) || '/'}: ${error.message.slice(0, 200)}`;
}

/** Nesting that would overflow a recursive reader, and keys that would reach a prototype. */
function findStrange(value: unknown): string | undefined {
  let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return `nested deeper than ${maxDepth} levels`;
    const next: object[] = [];
    for (const item of level) {
      if (item instanceof Uint8Array) continue;
      if (!Array.isArray(item) && Object.hasOwn(item, '__proto__')) return 'a key named __proto__';
      const inner: readonly unknown[] = Array.isArray(item) ? item : Object.values(item);
      for (const child of inner) if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return undefined;
}

function invalid(topic: string, wrong: string, cause?: unknown): InputError {
  return new InputError(
    'payload-invalid',
    `The payload on ${topic.slice(0, 200)} does not fit the protocol: ${wrong}.`,
    'It was ignored. Check that the sender speaks goshawk/1 and that no other program publishes below this root.',
    defined({ cause }),
  );
}
