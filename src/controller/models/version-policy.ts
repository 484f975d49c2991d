import semver from 'semver';
import type { VersionPolicy } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';

/** A bundle that could be chosen. */
export interface VersionedBundle {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly uploadedMs: number;
}

/** A policy that lets a newer version take the place of the one that runs. */
export function isMoving(policy: VersionPolicy | undefined): policy is VersionPolicy {
  return policy !== undefined && policy.follows !== 'digest' && policy.pinned !== true;
}

/** InputError `range-form` for a policy that can never choose anything. */
export function checkPolicy({ follows, range }: VersionPolicy): void {
  if (follows === 'range' ? range !== undefined && semver.validRange(range) !== null : range === undefined)
    return;
  throw new InputError(
    'range-form',
    follows === 'range'
      ? `"${range ?? ''}" is not a range of versions.`
      : `The policy ${follows} takes no range.`,
    'A range of SemVer looks like ^1.2, ~1.2.3 or >=1.0 <2.0.',
  );
}

/**
 * The bundle of this name that a policy means now; undefined where none fits. `latest` is the highest version that is no
 * pre-release; of a name without such versions the newest upload. Of two bundles with one version the newer upload.
 */
export function chooseVersion(
  bundles: readonly VersionedBundle[],
  name: string,
  { follows, range = '*' }: VersionPolicy,
): VersionedBundle | undefined {
  const named = bundles.filter((bundle) => bundle.name === name).sort((a, b) => b.uploadedMs - a.uploadedMs);
  const wanted = follows === 'range' ? range : '*';
  const fitting = named.flatMap((bundle) => {
    const version = readVersion(bundle.version);
    return version !== undefined && semver.satisfies(version, wanted) ? [{ bundle, version }] : [];
  });
  // Stable: of equal versions the newer upload stays first.
  const [best] = fitting.sort((a, b) => semver.rcompare(a.version, b.version));
  return best?.bundle ?? (follows === 'latest' ? named[0] : undefined);
}

/** The running version is replaced by a higher one, or a newer upload of itself; not by the rest after its deletion. */
export function isNewer(
  found: VersionedBundle,
  current: { readonly version: string; readonly digest: string },
  bundles: readonly VersionedBundle[],
): boolean {
  const [next, now] = [readVersion(found.version), readVersion(current.version)];
  if (next !== undefined && now !== undefined && next !== now) return semver.gt(next, now);
  const known = bundles.find(({ digest }) => digest === current.digest);
  return known !== undefined && found.uploadedMs >= known.uploadedMs;
}

/** `1` and `1.2` stand for `1.0.0` and `1.2.0`. */
function readVersion(text: string): string | undefined {
  const [, major, minor = '0'] = /^v?(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  return semver.valid(major === undefined ? text : `${Number(major)}.${Number(minor)}.0`) ?? undefined;
}
