import { type Static, Type } from '@sinclair/typebox';
import { BundleFile, bundleName, bundleVersion, Manifest } from './manifest.ts';

/** The task that no model has: what the bundle holds is a program. */
export const releaseTask = 'release';

/** A release of the agent as a bundle: one Debian package. It travels, is signed and is rolled out as a model is. */
export const ReleaseManifest = Type.Object(
  {
    schema: Type.Literal(1),
    name: bundleName,
    version: bundleVersion,
    task: Type.Literal(releaseTask),
    licence: Type.String({ maxLength: 200 }),
    package: Type.Object(
      {
        name: Type.String({
          pattern: '^[a-z0-9][a-z0-9.+-]{1,63}$',
          description: 'Name of the Debian package',
        }),
        architecture: Type.String({ pattern: '^[a-z0-9-]{1,32}$', description: "Debian's name of it" }),
        file: BundleFile,
      },
      { additionalProperties: false },
    ),
    provenance: Manifest.properties.provenance,
  },
  { additionalProperties: false },
);
export type ReleaseManifest = Static<typeof ReleaseManifest>;

/** What a bundle may say of itself. */
export type AnyManifest = Manifest | ReleaseManifest;

export function isRelease(manifest: AnyManifest): manifest is ReleaseManifest {
  return manifest.task === releaseTask;
}
