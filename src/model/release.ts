import { type Static, Type } from '@sinclair/typebox';
import { BundleFile, bundleName, bundleVersion, Manifest } from './manifest.ts';

/** The task that no model has: what the bundle holds is a program. */
export const releaseTask = 'release';

/** A release of the agent as a bundle: one file that its machine installs. It travels, is signed and is rolled out as a model is. */
export const ReleaseManifest = Type.Object(
  {
    schema: Type.Literal(1),
    name: bundleName,
    version: bundleVersion,
    task: Type.Literal(releaseTask),
    licence: Type.String({ maxLength: 200 }),
    package: Type.Object(
      {
        format: Type.Union([Type.Literal('deb'), Type.Literal('rauc')], {
          description: 'deb: the package of the agent; rauc: the whole system of a flashed board',
        }),
        name: Type.String({
          pattern: '^[a-z0-9][a-z0-9.+-]{1,63}$',
          description: 'Name of the Debian package, or what RAUC calls compatible',
        }),
        architecture: Type.Optional(
          Type.String({ pattern: '^[a-z0-9-]{1,32}$', description: "Debian's name of it; of a package" }),
        ),
        file: BundleFile,
      },
      { additionalProperties: false },
    ),
    provenance: Manifest.properties.provenance,
  },
  { additionalProperties: false },
);
export type ReleaseManifest = Static<typeof ReleaseManifest>;

/** What a machine can be renewed with. */
export type ReleaseKind = Pick<ReleaseManifest['package'], 'format' | 'name' | 'architecture'>;

/** The name under which releases of a kind are pushed and ordered. */
export function releaseName({ name, architecture }: ReleaseKind): string {
  return architecture === undefined ? name : `${name}-${architecture}`;
}

export function isSameKind(one: ReleaseKind, other: ReleaseKind): boolean {
  return one.format === other.format && releaseName(one) === releaseName(other);
}

/** What a bundle may say of itself. */
export type AnyManifest = Manifest | ReleaseManifest;

export function isRelease(manifest: AnyManifest): manifest is ReleaseManifest {
  return manifest.task === releaseTask;
}
