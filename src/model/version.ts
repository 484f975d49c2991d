import { InputError } from '../base/index.ts';

/**
 * Order of two versions by SemVer 2.0.0 clause 11: numbers by value, a pre-release before its release, build data
 * ignored. Versions with fewer or more than three numbers are compared number by number (1.2 = 1.2.0).
 */
export function compareVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  const core = compareLists(left.core, right.core, '0');
  if (core !== 0) return core;
  // Clause 11.3: a version without a pre-release is the newer one.
  if (left.pre.length === 0 || right.pre.length === 0) return right.pre.length - left.pre.length;
  return compareLists(left.pre, right.pre, '');
}

/** Which of the versions of a model a device runs. */
export type VersionPolicy =
  | { readonly kind: 'pinned'; readonly version: string }
  | { readonly kind: 'latest'; readonly preReleases: boolean }
  | { readonly kind: 'at-least'; readonly version: string };

/** `1.2.0` is pinned, `>=1.2.0` at least, `latest` the newest release, `latest-pre` the newest of all. */
export function parseVersionPolicy(text: string): VersionPolicy {
  if (text === 'latest') return { kind: 'latest', preReleases: false };
  if (text === 'latest-pre') return { kind: 'latest', preReleases: true };
  const match = /^(>=)?\s*([0-9A-Za-z][0-9A-Za-z.+-]{0,63})$/.exec(text.trim());
  if (match === null) {
    throw new InputError(
      'version-policy',
      `"${text}" is not a version policy.`,
      'Write a version (1.2.0), at least a version (>=1.2.0), latest or latest-pre.',
    );
  }
  const version = match[2] ?? '';
  return match[1] === undefined ? { kind: 'pinned', version } : { kind: 'at-least', version };
}

/** The newest version that the policy admits; undefined where there is none. */
export function chooseVersion(policy: VersionPolicy, available: readonly string[]): string | undefined {
  const admitted = available.filter((version) => {
    if (policy.kind === 'pinned') return version === policy.version;
    if (policy.kind === 'at-least') return compareVersions(version, policy.version) >= 0;
    return policy.preReleases || split(version).pre.length === 0;
  });
  return [...admitted].sort(compareVersions).at(-1);
}

function split(version: string): { readonly core: readonly string[]; readonly pre: readonly string[] } {
  const withoutBuild = version.replace(/\+.*$/, '');
  const dash = withoutBuild.indexOf('-');
  const core = dash < 0 ? withoutBuild : withoutBuild.slice(0, dash);
  const pre = dash < 0 ? '' : withoutBuild.slice(dash + 1);
  return { core: core.split('.'), pre: pre === '' ? [] : pre.split('.') };
}

/** Clause 11.4; `missing` stands where one list is shorter ('' sorts before everything). */
function compareLists(a: readonly string[], b: readonly string[], missing: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compareParts(a[index] ?? missing, b[index] ?? missing);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? -1 : 1;
  const numericA = /^\d+$/.test(a);
  const numericB = /^\d+$/.test(b);
  // 11.4.3: numbers are lower than words.
  if (numericA !== numericB) return numericA ? -1 : 1;
  if (!numericA) return a < b ? -1 : 1;
  const left = a.replace(/^0+(?=\d)/, '');
  const right = b.replace(/^0+(?=\d)/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left === right ? 0 : left < right ? -1 : 1;
}
