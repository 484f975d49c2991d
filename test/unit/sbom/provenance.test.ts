import { describe, expect, it } from 'vitest';
import { localBuilder, renderProvenance } from '../../../src/sbom/index.ts';

describe('How a package came about', () => {
  const built = {
    subjects: [{ name: 'a.deb', digest: { sha256: '12' } }],
    what: 'package' as const,
    parameters: { architecture: 'amd64' },
    inputs: [{ name: 'source', digest: { gitCommit: '34' } }, { uri: 'pkg:github/nodejs/node@v20.19.0' }],
    ...{ builder: localBuilder, tools: { node: 'v20.19.0' } },
  };

  it('is a statement of in-toto with the fields that SLSA asks for', () => {
    expect(JSON.parse(renderProvenance(built))).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'a.deb', digest: { sha256: '12' } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'urn:goshawk:build:package:1',
          externalParameters: { architecture: 'amd64' },
          resolvedDependencies: built.inputs,
        },
        runDetails: { builder: { id: 'urn:goshawk:builder:local', version: { node: 'v20.19.0' } } },
      },
    });
  });

  it('is one line, the same for the same build', () => {
    const text = renderProvenance({ ...built, byproducts: [{ name: 'parts' }] });
    expect(text).toBe(renderProvenance({ ...built, byproducts: [{ name: 'parts' }] }));
    expect(text.split('\n')).toHaveLength(2);
  });
});
