import { describe, expect, it } from 'vitest';
import {
  bundledProfile,
  formatManifest,
  type Manifest,
  networkText,
  parseManifest,
} from '../../../src/model/index.ts';
import { headOf } from '../../fixtures/head.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';

const digest = `sha256:${'7'.repeat(64)}`;
const file = (path: string) => ({ path, digest, size: 1 });
const embedding = { ...headOf('yolox', 1), embedding: 'pooled' };

describe('What names a network', () => {
  it.each<[string, Partial<Manifest>]>([
    ['another name and version', { name: 'other', version: '2.0.0' }],
    ['budgets', { budgets: { p95LatencyMs: 20 } }],
    ['attachments', { attachments: [file('golden/golden.json'), file('profiles/front.json')] }],
    ['another licence', { licence: 'MIT' }],
  ])('is the same in a bundle with %s', (_, change) => {
    expect(networkText(tinyManifest(change))).toBe(networkText(tinyManifest()));
  });

  it.each<[string, Partial<Manifest>]>([
    ['other labels', { labels: ['other'] }],
    ['another input', { input: { ...tinyManifest().input, scale: 0.5 } }],
    ['another output', { output: embedding }],
    ['other bytes', { variants: [{ kind: 'fp32', file: file('fp32.onnx') }] }],
    ['another kind of the same bytes', { variants: [{ ...tinyManifest().variants[0]!, kind: 'fp16' }] }],
  ])('is another one in a bundle with %s', (_, change) => {
    expect(networkText(tinyManifest(change))).not.toBe(networkText(tinyManifest()));
  });

  it('does not depend on the order of fields or of variants, nor on being written and read', () => {
    const variants = [tinyManifest().variants[0]!, { kind: 'fp16', file: file('fp16.onnx') } as const];
    const one = tinyManifest({ variants });
    const { input, ...rest } = tinyManifest({ variants: [...variants].reverse() });
    const turned = Object.fromEntries(Object.entries(input).reverse()) as Manifest['input'];
    expect(networkText({ ...rest, input: turned })).toBe(networkText(one));
    expect(networkText(parseManifest(formatManifest(one), 'it'))).toBe(networkText(one));
  });

  it('leaves a bundle its profiles by camera', () => {
    const manifest = tinyManifest({ attachments: [file('golden/golden.json'), file('profiles/front.json')] });
    expect(bundledProfile(manifest, 'front')).toEqual(file('profiles/front.json'));
    expect(bundledProfile(manifest, 'rear')).toBeUndefined();
    expect(bundledProfile(tinyManifest(), 'front')).toBeUndefined();
  });
});
