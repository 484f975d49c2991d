import { encodeUtf8 } from '../../base/index.ts';
import { FieldReader, type Fields, parseJson } from '../format/fields.ts';
import type { Document } from './documents.ts';

/**
 * Everything that the owner of a fleet signs, in one file that fits on a stick: the roots of both repositories from the
 * first on, and the newest targets. What is last may still wait for signatures.
 */
export interface RepositoryFile {
  readonly image: readonly Document[];
  readonly director: readonly Document[];
  readonly targets: Document;
}

export const maxRepositoryBytes = 8_000_000;

/** InputError `trust-form`. */
export function parseRepositoryFile(bytes: Uint8Array): RepositoryFile {
  const what = 'The file of keys and models';
  const read = new FieldReader(what);
  const fields = read.object(parseJson(bytes, what), 'the whole');
  const image = read.object(fields.image, 'image');
  const director = read.object(fields.director, 'director');
  const documents = (value: unknown, name: string) => {
    const list = read.list(value, name).map((one, at) => documentOf(read, one, `${name}.${at}`));
    if (list.length === 0) throw read.wrong(name, 'a list of roots');
    return list;
  };
  return {
    image: documents(image.roots, 'image.roots'),
    director: documents(director.roots, 'director.roots'),
    targets: documentOf(read, image.targets, 'image.targets'),
  };
}

export function repositoryFileBytes({ image, director, targets }: RepositoryFile): Uint8Array {
  const whole = { image: { roots: image, targets }, director: { roots: director } };
  return encodeUtf8(`${JSON.stringify(whole, undefined, 1)}\n`);
}

function documentOf(read: FieldReader, value: unknown, name: string): Document {
  const { signed, signatures }: Fields = read.object(value, name);
  return {
    signed: read.object(signed, `${name}.signed`),
    signatures: read.list(signatures, `${name}.signatures`).map((one, at) => {
      const { keyid, sig } = read.object(one, `${name}.signatures.${at}`);
      return { keyid: read.text(keyid, 'keyid'), sig: read.text(sig, 'sig') };
    }),
  };
}
