import { describe, expect, it } from 'vitest';
import { renderPartsList } from '../../../src/image/index.ts';

const node = {
  ...{ name: 'node', version: '24.1.0', license: 'MIT and others' },
  purl: 'pkg:github/nodejs/node@v24.1.0',
};

describe('The list of what an image is made of', () => {
  it.each(['roots', 'insecure'] as const)('says %s', (trust) => {
    const text = renderPartsList({
      ...{ image: 'card.img', version: '0.1.0', imageDigest: `sha256:${'0'.repeat(64)}`, release: 'trixie' },
      ...{ createdAt: '2026-11-27T00:00:00.000Z', debian: [], npm: [], bundled: [node], trust },
    });
    const { metadata, components } = JSON.parse(text) as {
      metadata: { properties: unknown };
      components: unknown;
    };
    expect(components).toEqual([
      {
        ...{ type: 'library', 'bom-ref': node.purl, name: 'node', version: '24.1.0', purl: node.purl },
        licenses: [{ license: { name: 'MIT and others' } }],
      },
    ]);
    expect(metadata.properties).toEqual([{ name: 'goshawk:trust', value: trust }]);
  });
});
