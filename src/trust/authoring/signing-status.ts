import type { RoleKeys } from '../format/envelope.ts';
import { keyIdOf, type TrustCrypto, type TrustKey, type TrustSigner } from '../format/keys.ts';
import { parseRoot, type Root } from '../format/roles.ts';
import { parseTimeMs } from '../format/time.ts';
import { type Document, signersOf, withSignature } from './documents.ts';
import type { RepositoryFile } from './repository-file.ts';

/** A document that is last of its kind, and by whom it has to be signed. */
export interface Signing {
  readonly what: string;
  readonly version: number;
  readonly expiresMs: number;
  /** What time it says that it is: whoever signs looks whether that is right. */
  readonly issuedMs: number;
  /** Of each role that has to sign it; a root is signed by the keys of the one before too. */
  readonly needs: readonly {
    readonly threshold: number;
    readonly signed: number;
    readonly missing: readonly string[];
  }[];
  readonly complete: boolean;
}

interface Wanted {
  readonly what: string;
  readonly document: Document;
  readonly roles: readonly { readonly role: RoleKeys; readonly keys: ReadonlyMap<string, TrustKey> }[];
}

export function signingStatus(file: RepositoryFile, verifier: TrustCrypto): Signing[] {
  return wantedOf(file).map(({ what, document, roles }) => {
    const needs = roles.map(({ role, keys }) => ({
      threshold: role.threshold,
      signed: signersOf(document, role, keys, verifier),
      missing: role.keyIds.filter((id) => !document.signatures.some(({ keyid }) => keyid === id)),
    }));
    return {
      what,
      version: Number(document.signed.version),
      expiresMs: parseTimeMs(String(document.signed.expires)) ?? 0,
      issuedMs: parseTimeMs(String(document.signed.issued)) ?? 0,
      needs,
      complete: needs.every(({ threshold, signed }) => signed >= threshold),
    };
  });
}

/** Signs all that the key may sign and has not; what was signed is said. */
export function signWith(
  file: RepositoryFile,
  signer: TrustSigner,
  verifier: TrustCrypto,
): { readonly file: RepositoryFile; readonly signed: readonly string[] } {
  const id = keyIdOf(signer.key, verifier);
  const signed: string[] = [];
  const of = (wanted: Wanted): Document => {
    const may = wanted.roles.some(({ role }) => role.keyIds.includes(id));
    const has = wanted.document.signatures.some(({ keyid }) => keyid === id);
    if (!may || has) return wanted.document;
    signed.push(`${wanted.what} ${wanted.document.signed.version}`);
    return withSignature(wanted.document, signer, verifier);
  };
  const [image, director, targets] = wantedOf(file);
  return {
    file: {
      image: [...file.image.slice(0, -1), of(image!)],
      director: [...file.director.slice(0, -1), of(director!)],
      targets: of(targets!),
    },
    signed,
  };
}

function wantedOf({ image, director, targets }: RepositoryFile): Wanted[] {
  const root = (what: string, roots: readonly Document[]): Wanted => {
    const newest = roots.at(-1)!;
    const holders = [roots.at(-2), newest].flatMap((one) =>
      one === undefined ? [] : [parseRoot(one.signed)],
    );
    return { what, document: newest, roles: holders.map((of) => rolesOf(of, 'root')) };
  };
  const holders = parseRoot(image.at(-1)!.signed);
  return [
    root('image root', image),
    root('director root', director),
    { what: 'targets', document: targets, roles: [rolesOf(holders, 'targets')] },
  ];
}

function rolesOf({ roles, keys }: Root, name: string) {
  return { role: roles.get(name)!, keys };
}
