import { encodeUtf8 } from '../../base/index.ts';
import { FieldReader, parseJson } from '../format/fields.ts';

/** The two repositories of a fleet: what exists, signed by its owner offline, and who runs what, signed by its controller. */
export const imageRepository = { root: 'image', roles: 'image' } as const;
export const directorRoot = 'director';

/** Every device has director metadata of its own: what is of one must not pass for that of another. */
export function directorRepository(device: string): { readonly root: string; readonly roles: string } {
  return { root: directorRoot, roles: `director/${device}` };
}

/** What is put on a device when it is flashed or enrolled: the roots that everything begins with. One JSON file. */
export interface TrustAnchor {
  readonly image: Uint8Array;
  readonly director: Uint8Array;
  /** What was signed when it was made, so that a model that comes with the device is admitted without a network. */
  readonly targets?: Uint8Array;
}

export const maxAnchorBytes = 6_200_000;

/** InputError `trust-form`. What stands in it is verified by whoever uses it. */
export function parseAnchor(bytes: Uint8Array): TrustAnchor {
  const read = new FieldReader('The file with the roots');
  const fields = read.object(parseJson(bytes, 'The file with the roots'), 'the whole');
  const one = (name: string) => encodeUtf8(JSON.stringify(read.object(fields[name], name)));
  return {
    image: one('image'),
    director: one('director'),
    ...(fields.targets === undefined ? {} : { targets: one('targets') }),
  };
}

export function anchorBytes({ image, director, targets }: TrustAnchor): Uint8Array {
  const json = (bytes: Uint8Array) => parseJson(bytes, 'A root');
  const signed = targets === undefined ? {} : { targets: json(targets) };
  return encodeUtf8(
    `${JSON.stringify({ image: json(image), director: json(director), ...signed }, undefined, 1)}\n`,
  );
}
