/* How a package or an image came about: an in-toto statement with SLSA's provenance (https://slsa.dev/spec/v1.0/provenance). */

/** A file or a source with what pins it. */
export interface PinnedInput {
  readonly name?: string;
  readonly uri?: string;
  /** Hex, by algorithm: `sha256`, `gitCommit`. */
  readonly digest?: Readonly<Record<string, string>>;
}

export interface Provenance {
  /** What was built. */
  readonly subjects: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[];
  readonly what: 'package' | 'container' | 'image';
  /** What the person who built it chose. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: readonly PinnedInput[];
  /** Beside the subjects: lists of parts. */
  readonly byproducts?: readonly PinnedInput[];
  /** Who vouches for the build: a URI. */
  readonly builder: string;
  /** Programs of the build, with their versions. */
  readonly tools: Readonly<Record<string, string>>;
}

/** The builder if none is named: a build on the machine of a person. */
export const localBuilder = 'urn:goshawk:builder:local';

/** One line of JSON. No time and no name of a machine: the same build gives the same bytes. */
export function renderProvenance(built: Provenance): string {
  const { subjects, what, parameters, inputs, byproducts, builder, tools } = built;
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects,
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: `urn:goshawk:build:${what}:1`,
        externalParameters: parameters,
        resolvedDependencies: inputs,
      },
      runDetails: {
        builder: { id: builder, version: tools },
        ...(byproducts === undefined ? {} : { byproducts }),
      },
    },
  };
  return `${JSON.stringify(statement)}\n`;
}
