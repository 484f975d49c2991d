import { describe, expect, it } from 'vitest';
import { parseChallenge, parseTokenAnswer, withReferrer } from '../../../../src/model/index.ts';

describe('What a registry asks for', () => {
  it.each([
    ['Basic realm="x"', { kind: 'basic' }],
    [
      'Bearer realm="https://a/token",service="a"',
      { kind: 'bearer', realm: 'https://a/token', service: 'a' },
    ],
    [
      'bearer Realm=https://a/token, scope="x"',
      { kind: 'bearer', realm: 'https://a/token', service: undefined },
    ],
    ['Bearer service="a"', undefined],
    ['Negotiate', undefined],
    [`Bearer realm="${'x'.repeat(5_000)}"`, undefined],
    [null, undefined],
  ])('%s', (header, wanted) => expect(parseChallenge(header)).toEqual(wanted));
});

describe('What a token server answers', () => {
  it.each([
    ['{"token":"t"}', { token: 't', seconds: 60 }],
    ['{"access_token":"t","expires_in":300}', { token: 't', seconds: 300 }],
    ['{"token":"t","expires_in":1e9}', { token: 't', seconds: 3600 }],
    ['{"token":"t","expires_in":-1}', { token: 't', seconds: 60 }],
    ['{"token":"a\\nb"}', undefined],
    [`{"token":"${'x'.repeat(20_000)}"}`, undefined],
    ['{"token":1}', undefined],
    ['null', undefined],
    ['<html>', undefined],
  ])('%s', (text, wanted) => expect(parseTokenAnswer(text)).toEqual(wanted));
});

describe('The list of what refers to an artifact', () => {
  const one = { mediaType: 'm', digest: `sha256:${'1'.repeat(64)}`, size: 1, artifactType: 'forms' };
  const json = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes)) as unknown;

  it('begins with the first, keeps what others wrote, and does not change for one that is in it', () => {
    const list = withReferrer(undefined, one);
    expect(json(list)).toMatchObject({ schemaVersion: 2, manifests: [one] });
    const foreign = { digest: `sha256:${'2'.repeat(64)}`, annotations: { a: 'b' }, x: 1 };
    const theirs = new TextEncoder().encode(JSON.stringify({ manifests: [foreign] }));
    expect(json(withReferrer(theirs, one))).toMatchObject({ manifests: [foreign, one] });
    expect(withReferrer(list, one)).toBeUndefined();
  });

  it.each(['', 'null', '{"manifests":1}', '<html>'])('is begun anew where it is %j', (text) => {
    expect(json(withReferrer(new TextEncoder().encode(text), one))).toMatchObject({ manifests: [one] });
  });
});
