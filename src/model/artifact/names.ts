import { defined, encodeUtf8, InputError, toHex } from '../../base/index.ts';

/* Names of the OCI distribution specification 1.1. */

const namePattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
/** Clients count 255 for host and name together. */
const maxNameLength = 200;

export function isRepositoryName(name: string): boolean {
  // The length first: the pattern takes long for long names that nearly fit.
  return name.length <= maxNameLength && namePattern.test(name);
}

export function isTag(tag: string): boolean {
  return tagPattern.test(tag);
}

export function isDigest(digest: string): boolean {
  return digestPattern.test(digest);
}

/**
 * The repository of a model. Nearly every name of a bundle is one of a repository; the rest (`a..b`, `a-`) is written in
 * hex below `named/`, which no name of a bundle can be.
 */
export function repositoryOf(model: string, prefix = ''): string {
  const own = isRepositoryName(model) ? model : `named/${toHex(encodeUtf8(model))}`;
  return prefix === '' ? own : `${prefix}/${own}`;
}

/** A tag has no plus; Helm writes it so too. */
export function tagOf(version: string): string {
  return version.replaceAll('+', '_');
}

/** A tag at which clients look for referrers where a registry has no list of them. */
export function referrersTag(digest: string): string {
  return digest.replace(':', '-').slice(0, 71);
}

export interface Reference {
  /** Host, and port where one is named. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** `host[:port]/name[:tag][@digest]`. InputError `reference-form`. */
export function parseReference(text: string): Reference {
  const [, registry = '', rest = ''] =
    /^([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9a-f:]+\](?::\d{1,5})?)\/(.+)$/.exec(text) ?? [];
  const [named = '', digest] = rest.split('@', 2);
  const [, repository = '', tag] = /^([^:]+)(?::(.+))?$/.exec(named) ?? [];
  const fits =
    registry !== '' &&
    isRepositoryName(repository) &&
    (tag === undefined || isTag(tag)) &&
    (digest === undefined || isDigest(digest));
  if (!fits)
    throw new InputError(
      'reference-form',
      `"${text.slice(0, 300)}" names no artifact of a registry.`,
      'Write host:port/name:tag, or host:port/name@sha256:...',
    );
  return {
    registry,
    repository,
    ...defined({ tag, digest }),
  };
}
