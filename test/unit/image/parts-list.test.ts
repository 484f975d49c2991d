import { describe, expect, it } from 'vitest';
import { renderPartsList } from '../../../src/image/index.ts';

describe('The list of what an image is made of', () => {
  it.each(['roots', 'insecure'] as const)('says %s', (trust) => {
    const text = renderPartsList({
      ...{ image: 'card.img', version: '0.1.0', imageDigest: `sha256:${'0'.repeat(64)}`, release: 'trixie' },
      ...{ createdAt: '2026-11-27T00:00:00.000Z', debian: [], npm: [], trust },
    });
    const { metadata } = JSON.parse(text) as { metadata: { properties: unknown } };
    expect(metadata.properties).toEqual([{ name: 'goshawk:trust', value: trust }]);
  });
});
