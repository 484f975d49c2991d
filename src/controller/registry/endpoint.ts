import { isDigest, isRepositoryName, isTag } from '../../model/index.ts';
import { digestForm, manifestUnknown, nameInvalid } from './failures.ts';

/** What a request to `/v2/` is about. */
export type Endpoint =
  | { readonly kind: 'ping' | 'token' | 'catalog' }
  | { readonly kind: 'tags' | 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'blob' | 'referrers'; readonly name: string; readonly digest: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string };

/**
 * By the path behind `/v2/`. Undefined for what is none; InputError `repository-name` or `digest-form` for one with a name or a
 * digest that can't be. A name may have the words of the endpoints in it, so the end decides.
 */
export function parseEndpoint(path: string): Endpoint | undefined {
  if (path === '') return { kind: 'ping' };
  if (path === 'token') return { kind: 'token' };
  if (path === '_catalog') return { kind: 'catalog' };
  const tags = /^(.+)\/tags\/list$/s.exec(path);
  if (tags) return { kind: 'tags', name: named(tags[1]) };
  const uploads = /^(.+)\/blobs\/uploads\/?$/s.exec(path);
  if (uploads) return { kind: 'uploads', name: named(uploads[1]) };
  const upload = /^(.+)\/blobs\/uploads\/([A-Za-z0-9-]{1,64})$/s.exec(path);
  if (upload) return { kind: 'upload', name: named(upload[1]), id: upload[2] ?? '' };
  const [, name, kind, reference = ''] = /^(.+)\/(blobs|referrers|manifests)\/([^/]+)$/s.exec(path) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'manifests') return { kind: 'manifest', name: named(name), reference: referenced(reference) };
  if (!isDigest(reference)) throw digestForm(reference);
  return { kind: kind === 'blobs' ? 'blob' : 'referrers', name: named(name), digest: reference };
}

function named(name = ''): string {
  if (!isRepositoryName(name)) throw nameInvalid(name);
  return name;
}

function referenced(reference: string): string {
  if (reference.includes(':') && !isDigest(reference)) throw digestForm(reference);
  // Neither tag nor digest: nothing can ever be there.
  if (!isDigest(reference) && !isTag(reference)) throw manifestUnknown(reference);
  return reference;
}
