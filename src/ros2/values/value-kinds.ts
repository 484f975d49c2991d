import { decodeUtf8Leniently, encodeUtf8 } from '../../base/index.ts';
import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** A value of a message: numbers of 64 bits as bigint, lists of octets as bytes. */
export type MessageValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly MessageValue[]
  | MessageStruct;
export interface MessageStruct {
  readonly [field: string]: MessageValue;
}

type Single = boolean | number | bigint | string;

/** One kind of value that is no list and has no fields. */
export interface ValueKind {
  /** What it has to be. */
  readonly words: string;
  readonly zero: Single;
  /** Of JSON; undefined for what is none. */
  taken(given: unknown): Single | undefined;
  /** Of a default as a .msg file writes it; undefined for what is none. */
  parsed(text: string): Single | undefined;
  write(writer: CdrWriter, value: MessageValue): void;
  read(reader: CdrReader, field: string): Single;
}

function integer(
  bits: number,
  signed: boolean,
  write: (writer: CdrWriter, value: number) => void,
  read: (reader: CdrReader, field: string) => number,
): ValueKind {
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const most = 2 ** (signed ? bits - 1 : bits) - 1;
  const taken = (given: unknown) => {
    const fits = typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most;
    // Not -0.
    return fits ? given + 0 : undefined;
  };
  return {
    words: `a whole number from ${least} to ${most}`,
    zero: 0,
    taken,
    parsed: (text) => taken(Number(writtenWhole(text))),
    write: (writer, value) => write(writer, value as number),
    read,
  };
}

const wholeNumber = /^[-+]?\d{1,20}$/;
const wholeByBase = /^(?=.{1,80}$)([-+]?)(0x(?:_?[\da-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+|\d+(?:_\d+)*)$/i;

/** As Python's int() reads it: 10, 1_000, 0x10. */
function writtenWhole(text: string): bigint | undefined {
  const [, sign, digits] = wholeByBase.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = BigInt(digits.replaceAll('_', ''));
  return sign === '-' ? -value : value;
}

/** JSON's numbers are exact up to 2^53 only: beyond them it is given as text. */
function largeInteger(signed: boolean, read: (reader: CdrReader, field: string) => bigint): ValueKind {
  const least = signed ? -(2n ** 63n) : 0n;
  const most = 2n ** (signed ? 63n : 64n) - 1n;
  const inRange = (value: bigint | undefined) =>
    value !== undefined && value >= least && value <= most ? value : undefined;
  const parsed = (text: string) => inRange(writtenWhole(text));
  return {
    words: `a whole number from ${least} to ${most}, from 2^53 on as text`,
    zero: 0n,
    taken: (given) =>
      (typeof given === 'string' || Number.isSafeInteger(given)) && wholeNumber.test(String(given))
        ? parsed(String(given))
        : undefined,
    parsed,
    write: (writer, value) => writer.uint64(BigInt.asUintN(64, value as bigint)),
    read,
  };
}

function float(
  largest: number,
  write: (writer: CdrWriter, value: number) => void,
  read: (reader: CdrReader, field: string) => number,
): ValueKind {
  const taken = (given: unknown) =>
    typeof given === 'number' && Math.abs(given) <= largest ? given : undefined;
  return {
    words: 'a number',
    zero: 0,
    taken,
    parsed: (text) =>
      notFinite(text) ?? (realNumber.test(text) ? taken(Number(text.replaceAll('_', ''))) : undefined),
    write: (writer, value) => write(writer, value as number),
    read,
  };
}

/** As Python's float() reads it: digits may have `_` between them, and nothing is hexadecimal. */
const realNumber = new RegExp(
  String.raw`^[-+]?(?:D(?:\.D?)?|\.D)(?:e[-+]?D)?$`.replaceAll('D', String.raw`(?:\d+(?:_\d+)*)`),
  'i',
);

function notFinite(text: string): number | undefined {
  const [, sign, name] = /^([-+]?)(inf(?:inity)?|nan)$/i.exec(text) ?? [];
  if (name === undefined) return undefined;
  const value = name.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
  return sign === '-' ? -value : value;
}

const boolean: ValueKind = {
  words: 'true or false',
  zero: false,
  taken: (given) => (typeof given === 'boolean' ? given : undefined),
  parsed: (text) => ({ true: true, '1': true, false: false, '0': false })[text.toLowerCase()],
  write: (writer, value) => writer.boolean(value as boolean),
  read: (reader, field) => reader.boolean(field),
};

const text: ValueKind = {
  words: 'a text without the character 0',
  zero: '',
  // Halves of a character would become another one on the way.
  taken: (given) =>
    typeof given === 'string' && !given.includes('\0') && decodeUtf8Leniently(encodeUtf8(given)) === given
      ? given
      : undefined,
  parsed: (written) => unquoted(written),
  write: (writer, value) => writer.string(value as string),
  read: (reader, field) => reader.string(field),
};

/** As rosidl: quotes around it may be left out. */
function unquoted(written: string): string {
  const [first = ''] = written;
  const quoted = (first === '"' || first === "'") && written.length > 1 && written.endsWith(first);
  return quoted ? written.slice(1, -1).replaceAll(`\\${first}`, first) : written;
}

/** The limit of a text is one of octets; 0 is none. */
export function fitsText(most: number, text: string): boolean {
  return most === 0 || encodeUtf8(text).length <= most;
}

const octet = integer(
  8,
  false,
  (writer, value) => writer.uint8(value),
  (reader, field) => reader.uint8(field),
);

/** Those whose lists are bytes: uint8, char and byte. */
export const octetKinds: ReadonlySet<number> = new Set([3, 13, 16]);
export const textKinds: ReadonlySet<number> = new Set([17, 21]);

/** By the ids of type_description_interfaces/msg/FieldType. */
export const valueKinds: Readonly<Record<number, ValueKind>> = {
  2: integer(
    8,
    true,
    (writer, value) => writer.int8(value),
    (reader, field) => reader.int8(field),
  ),
  3: octet,
  4: integer(
    16,
    true,
    (writer, value) => writer.uint16(value & 0xffff),
    (reader, field) => reader.int16(field),
  ),
  5: integer(
    16,
    false,
    (writer, value) => writer.uint16(value),
    (reader, field) => reader.uint16(field),
  ),
  6: integer(
    32,
    true,
    (writer, value) => writer.int32(value),
    (reader, field) => reader.int32(field),
  ),
  7: integer(
    32,
    false,
    (writer, value) => writer.uint32(value),
    (reader, field) => reader.uint32(field),
  ),
  8: largeInteger(true, (reader, field) => reader.int64(field)),
  9: largeInteger(false, (reader, field) => reader.uint64(field)),
  10: float(
    3.4028234663852886e38,
    (writer, value) => writer.float32(value),
    (reader, field) => reader.float32(field),
  ),
  11: float(
    Number.MAX_VALUE,
    (writer, value) => writer.float64(value),
    (reader, field) => reader.float64(field),
  ),
  13: octet,
  15: boolean,
  16: octet,
  17: text,
  21: text,
};
