import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isRepositoryName,
  isTag,
  parseReference,
  referrersTag,
  repositoryOf,
  tagOf,
} from '../../../../src/model/index.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('The repository of a model', () => {
  it.each([
    ['street', 'street'],
    ['yolox-nano', 'yolox-nano'],
    ['a__b', 'a__b'],
    ['a..b', 'named/612e2e62'],
    ['a-', 'named/612d'],
  ])('of %s is %s', (model, repository) => expect(repositoryOf(model)).toBe(repository));

  it('is a name that registries take, and of two models never the same', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(isRepositoryName(repositoryOf(a, 'site/models'))).toBe(true);
        expect(repositoryOf(a) === repositoryOf(b)).toBe(a === b);
      }),
    );
  });

  it('has a tag for every version', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/), (version) => {
        expect(isTag(tagOf(version))).toBe(true);
      }),
    );
  });

  it('is decided in no time for a name that nearly fits', () => {
    expect(isRepositoryName(`${'a-'.repeat(50_000)}!`)).toBe(false);
    expect(isRepositoryName(`${'-'.repeat(190)}!`)).toBe(false);
    expect(isRepositoryName(`a${'-'.repeat(190)}!`)).toBe(false);
  });

  it.each(['Street', 'a//b', '/a', 'a/', '..', 'a/../b', '', 'a_-b', 'ä'])('refuses %j', (name) =>
    expect(isRepositoryName(name)).toBe(false),
  );
});

describe('A reference', () => {
  it.each([
    ['fleet:8080/street:1.0.0', { registry: 'fleet:8080', repository: 'street', tag: '1.0.0' }],
    [`fleet/site/street@${digest}`, { registry: 'fleet', repository: 'site/street', digest }],
    [`fleet/street:1@${digest}`, { registry: 'fleet', repository: 'street', tag: '1', digest }],
    ['[::1]:5000/street', { registry: '[::1]:5000', repository: 'street' }],
  ])('%s is read', (text, reference) => expect(parseReference(text)).toEqual(reference));

  it.each([
    'street',
    'fleet:8080',
    'fleet/Street',
    'fleet/a:',
    'fleet/a:b:c',
    'fleet/a@sha256:00',
    'http://a/b',
    'a b/c',
  ])('%s is refused', (text) => expect(() => parseReference(text)).toThrow('names no artifact'));
});

it('Referrers stand at a tag where a registry has no list of them', () => {
  expect(referrersTag(digest)).toBe(`sha256-${'a'.repeat(64)}`);
});
