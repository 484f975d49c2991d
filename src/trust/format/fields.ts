import { decodeUtf8, InputError } from '../../base/index.ts';

/** An object of metadata before anything of it is believed. */
export type Fields = { readonly [field: string]: unknown };

/** Reads fields of metadata; InputError `trust-form` for each that is not what it must be. */
export class FieldReader {
  readonly #what: string;

  /** `what`: for messages, as `the targets`. */
  constructor(what: string) {
    this.#what = what;
  }

  object(value: unknown, name: string): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.wrong(name, 'an object');
    return value as Fields;
  }

  list(value: unknown, name: string): readonly unknown[] {
    if (!Array.isArray(value)) throw this.wrong(name, 'a list');
    return value;
  }

  text(value: unknown, name: string): string {
    if (typeof value !== 'string') throw this.wrong(name, 'a text');
    return value;
  }

  flag(value: unknown, name: string): boolean {
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false');
    return value;
  }

  /** A whole number, from `least` on. */
  count(value: unknown, name: string, least: number): number {
    if (!Number.isSafeInteger(value) || (value as number) < least)
      throw this.wrong(name, `a whole number from ${least} on`);
    return value as number;
  }

  /** A Map, so that no name means anything to JavaScript. */
  map<T>(value: unknown, name: string, read: (value: unknown, name: string) => T): Map<string, T> {
    return new Map(
      Object.entries(this.object(value, name)).map(([key, field]) => [key, read(field, `${name}.${key}`)]),
    );
  }

  wrong(name: string, wanted: string): InputError {
    return new InputError(
      'trust-form',
      `${this.#what} can't be read: ${name.slice(0, 120)} must be ${wanted}.`,
      'Publish metadata of TUF 1.0, and check the server that it came from.',
    );
  }
}

/** What the bytes say as JSON. InputError `trust-form`. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    throw new InputError(
      'trust-form',
      `${what} is not JSON.`,
      'Check the server that it came from: it may be incomplete, or a web page.',
      {
        cause,
      },
    );
  }
}
