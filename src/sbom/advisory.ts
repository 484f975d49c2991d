import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { compare, valid } from 'semver';
import type { Component } from './component.ts';
import { compareDebianVersions } from './debian-version.ts';

/* Known vulnerabilities, as OSV writes them: https://ossf.github.io/osv-schema/ */

const Text = Type.String({ maxLength: 4000 });
const Event = Type.Object({
  introduced: Type.Optional(Text),
  fixed: Type.Optional(Text),
  last_affected: Type.Optional(Text),
});

export const Advisory = Type.Object({
  id: Text,
  aliases: Type.Optional(Type.Array(Text)),
  summary: Type.Optional(Text),
  withdrawn: Type.Optional(Text),
  affected: Type.Optional(
    Type.Array(
      Type.Object({
        package: Type.Optional(Type.Object({ ecosystem: Text, name: Text, purl: Type.Optional(Text) })),
        ranges: Type.Optional(Type.Array(Type.Object({ type: Text, events: Type.Array(Event) }))),
        versions: Type.Optional(Type.Array(Text)),
      }),
    ),
  ),
});
export type Advisory = Static<typeof Advisory>;
type Affected = NonNullable<Advisory['affected']>[number];
type Order = (a: string, b: string) => number;

/** One of OSV's entries, or undefined for what is none. */
export function readAdvisory(value: unknown): Advisory | undefined {
  return Value.Check(Advisory, value) ? value : undefined;
}

/** What it fixes: the version of the package where it is known. */
export interface Match {
  readonly advisory: Advisory;
  readonly component: Component;
  readonly fixed?: string;
}

/** By the key of a package, so that a hundred thousand entries cost one look each. */
export class Advisories {
  readonly #byPackage = new Map<string, { readonly advisory: Advisory; readonly affected: Affected }[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** One that was withdrawn counts nothing. */
  add(advisory: Advisory): void {
    if (advisory.withdrawn !== undefined) return;
    this.#count += 1;
    for (const affected of advisory.affected ?? []) {
      const key = keyOfAffected(affected);
      if (key === undefined) continue;
      const known = this.#byPackage.get(key);
      if (known === undefined) this.#byPackage.set(key, [{ advisory, affected }]);
      else known.push({ advisory, affected });
    }
  }

  /** Of these components, in their order. */
  matches(components: readonly Component[]): readonly Match[] {
    return components.flatMap((component) => {
      const release = debianRelease(qualifier(component.purl, 'distro'));
      const found = namesOf(component).flatMap(({ key, version }): Match[] =>
        (this.#byPackage.get(key) ?? []).flatMap(({ advisory, affected }) => {
          if (isOfAnother(affected, release)) return [];
          const hit = hits(affected, version, orderOf(key));
          return hit === undefined ? [] : [{ advisory, component, ...hit }];
        }),
      );
      return [...new Map(found.map((match) => [match.advisory.id, match])).values()];
    });
  }
}

/** As what an advisory may know it: by its own name, and of Debian by that of its source. */
function namesOf({
  purl,
  version,
}: Component): readonly { readonly key: string; readonly version: string }[] {
  const key = keyOfPurl(purl);
  if (key === undefined) return [];
  const [, name, of] = /^([^@]+)(?:@(.+))?$/.exec(qualifier(purl, 'upstream') ?? '') ?? [];
  const own = { key, version };
  if (name === undefined || !key.startsWith('deb/debian/')) return [own];
  return [own, { key: `deb/debian/${name}`.toLowerCase(), version: of ?? version }];
}

function qualifier(purl: string | undefined, name: string): string | undefined {
  const [, text = ''] = /\?([^#]*)/.exec(purl ?? '') ?? [];
  const found = text.split('&').find((one) => one.startsWith(`${name}=`));
  if (found === undefined) return undefined;
  const value = found.slice(name.length + 1);
  try {
    return decodeURIComponent(value);
  } catch {
    // A percent sign that encodes no character.
    return value;
  }
}

const debianReleases: Readonly<Record<string, string>> = {
  ...{ buster: '10', bullseye: '11', bookworm: '12', trixie: '13', forky: '14' },
};

/** `13`, of `trixie` or `debian-13`. */
function debianRelease(distro: string | undefined): string | undefined {
  return distro === undefined ? undefined : (debianReleases[distro] ?? /^debian-(\d+)/.exec(distro)?.[1]);
}

/** Each release of Debian has fixes of its own. */
function isOfAnother({ package: named }: Affected, release: string | undefined): boolean {
  const [, of] = /^Debian:(\d+)$/.exec(named?.ecosystem ?? '') ?? [];
  return of !== undefined && release !== undefined && of !== release;
}

/** `npm/mqtt`, `deb/debian/openssl`: a package URL without version and qualifiers. */
function keyOfPurl(purl: string | undefined): string | undefined {
  const [, key] = /^pkg:([^?#]+?)(?:@[^@?#/]*)?(?:[?#].*)?$/.exec(purl ?? '') ?? [];
  return key === undefined ? undefined : decodeURIComponent(key).toLowerCase();
}

function keyOfAffected({ package: named }: Affected): string | undefined {
  if (named === undefined) return undefined;
  const { ecosystem, name, purl } = named;
  if (purl !== undefined) return keyOfPurl(purl);
  const [kind = ''] = ecosystem.split(':');
  const prefix = { npm: 'npm', Debian: 'deb/debian', 'OSS-Fuzz': 'generic' }[kind];
  return prefix === undefined ? undefined : `${prefix}/${name}`.toLowerCase();
}

function orderOf(key: string): Order {
  return key.startsWith('deb/') ? compareDebianVersions : compareSemantic;
}

function compareSemantic(a: string, b: string): number {
  const [left, right] = [valid(a, { loose: true }), valid(b, { loose: true })];
  return left === null || right === null ? compareDebianVersions(a, b) : compare(left, right);
}

function hits(
  { versions = [], ranges = [] }: Affected,
  version: string,
  order: Order,
): { readonly fixed?: string } | undefined {
  const plain = (text: string) => text.replace(/^v(?=\d)/, '');
  const own = plain(version);
  const inRange = ranges
    .filter(({ type }) => type !== 'GIT')
    .map(({ events }) => within(events, own, order))
    .find((found) => found !== undefined);
  if (inRange !== undefined) return inRange;
  return versions.some((one) => plain(one) === own) ? {} : undefined;
}

/** By the schema's own rule: the last event that is not newer than the version says. */
function within(
  events: readonly Static<typeof Event>[],
  version: string,
  order: Order,
): { readonly fixed?: string } | undefined {
  const at = (event: Static<typeof Event>) => event.introduced ?? event.fixed ?? event.last_affected ?? '0';
  const sorted = [...events].sort((a, b) => (at(a) === '0' ? -1 : at(b) === '0' ? 1 : order(at(a), at(b))));
  let affected = false;
  let fixed: string | undefined;
  for (const event of sorted) {
    const { introduced, fixed: mended, last_affected: last } = event;
    if (introduced !== undefined && (introduced === '0' || order(version, introduced) >= 0)) {
      affected = true;
      fixed = undefined;
    } else if (mended !== undefined) {
      if (order(version, mended) >= 0) affected = false;
      else if (affected) fixed ??= mended;
    } else if (last !== undefined && order(version, last) > 0) affected = false;
  }
  if (!affected) return undefined;
  return fixed === undefined ? {} : { fixed };
}
