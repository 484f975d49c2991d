import { encodeUtf8, InputError } from '../../base/index.ts';
import { FieldReader, parseJson } from '../../trust/index.ts';

/** What its owner signed, as it is published. */
export interface Publication {
  readonly image: { readonly roots: readonly Uint8Array[]; readonly targets?: Uint8Array };
  readonly director: { readonly roots: readonly Uint8Array[] };
}

/** InputError `trust-form`. */
export function readPublication(bytes: Uint8Array): Publication {
  const read = new FieldReader('The publication');
  const fields = read.object(parseJson(bytes, 'The publication'), 'the whole');
  const document = (value: unknown, name: string) => encodeUtf8(JSON.stringify(read.object(value, name)));
  const part = (name: 'image' | 'director') => {
    const { roots, targets } = read.object(fields[name], name);
    return {
      roots: read.list(roots, `${name}.roots`).map((one, at) => document(one, `${name}.roots.${at}`)),
      ...(targets === undefined ? {} : { targets: document(targets, `${name}.targets`) }),
    };
  };
  const { image, director } = { image: part('image'), director: part('director') };
  if ('targets' in director)
    throw new InputError(
      'trust-form',
      'The targets of the director are signed by the controller.',
      'Publish what `goshawk keys` wrote, unchanged.',
    );
  return { image, director };
}
