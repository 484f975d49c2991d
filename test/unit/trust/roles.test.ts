import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../src/base/index.ts';
import {
  expectFile,
  type Fields,
  keyIdOf,
  newRoot,
  newTargets,
  parseEnvelope,
  parseRoot,
  parseTargets,
} from '../../../src/trust/index.ts';
import { beganMs, day, newSigner, targetOf, verifier } from '../../fixtures/trust-world.ts';

const { key } = newSigner();
const id = keyIdOf(key, verifier);
const of = { version: 1, expiresMs: beganMs + day, repository: 'r' };
const holders = { keys: [key], threshold: 1 };
const root = newRoot(
  of,
  { root: holders, targets: holders, snapshot: holders, timestamp: holders },
  verifier,
).signed;
const targets = newTargets(of, { 'street/1.0.0': targetOf('a manifest') }).signed;
const roles = root.roles as Readonly<Record<string, Fields>>;
const form = expect.objectContaining({ code: 'trust-form' });
const withTarget = (change: Fields) => ({
  targets: { 'street/1.0.0': { ...targetOf('a manifest'), ...change } },
});
const withDelegation = (change: Fields) => ({
  delegations: {
    keys: { [id]: key },
    roles: [{ name: 'a', keyids: [id], threshold: 1, paths: ['*'], ...change }],
  },
});

describe('A root', () => {
  it('is read', () => {
    expect(parseRoot(root)).toMatchObject({ version: 1, expiresMs: beganMs + day, consistentSnapshot: true });
  });

  const rows: readonly (readonly [string, Fields])[] = [
    ['that is no root', { _type: 'targets' }],
    ['of another version of TUF', { spec_version: '2.0.0' }],
    ['without an end', { expires: 'never' }],
    ['with a version of 0', { version: 0 }],
    ['with a version that is no whole number', { version: 1.5 }],
    ['without the role of targets', { roles: { ...roles, targets: undefined } }],
    ['whose threshold is 0', { roles: { ...roles, targets: { keyids: [id], threshold: 0 } } }],
    ['that names one key twice', { roles: { ...roles, targets: { keyids: [id, id], threshold: 2 } } }],
    [
      'with a thousand keys and more',
      { keys: Object.fromEntries(Array.from({ length: 1025 }, (_, at) => [String(at), key])) },
    ],
    ['with a key that is no text', { keys: { [id]: { ...key, keyval: { public: 1 } } } }],
    ['whose name is no text', { repository: 1 }],
  ];
  it.each(rows)('%s is refused', (_what, change) => {
    const signed = JSON.parse(JSON.stringify({ ...root, ...change })) as Fields;
    expect(() => parseRoot(signed)).toThrow(form);
  });
});

describe('Targets', () => {
  it('are read', () => {
    expect(parseTargets(targets).targets.get('street/1.0.0')?.length).toBe(10);
  });

  const rows: readonly (readonly [string, Fields])[] = [
    ['that are a root', { _type: 'root' }],
    ['without a hash', withTarget({ hashes: {} })],
    ['with a hash that is no hex', withTarget({ hashes: { sha256: 'xyz' } })],
    ['with a hash of nothing', withTarget({ hashes: { sha256: '' } })],
    ['without a length', withTarget({ length: undefined })],
    ['with a length below 0', withTarget({ length: -1 })],
    ['that delegate the root', withDelegation({ name: 'root' })],
    ['that delegate to an empty name', withDelegation({ name: '' })],
    ['that delegate to one key twice', withDelegation({ keyids: [id, id] })],
    ['that delegate without a threshold', withDelegation({ threshold: 0 })],
  ];
  it.each(rows)('%s are refused', (_what, change) => {
    expect(() => parseTargets({ ...targets, ...change })).toThrow(form);
  });
});

describe('An envelope', () => {
  const envelope = (signatures: readonly unknown[]) => encodeUtf8(JSON.stringify({ signed: {}, signatures }));
  const signature = (keyid: string) => ({ keyid, sig: '00' });

  it('has 64 signatures at most, of a different key each', () => {
    const many = Array.from({ length: 64 }, (_, at) => signature(String(at)));
    expect(parseEnvelope(envelope(many), 'It').signatures).toHaveLength(64);
    expect(() => parseEnvelope(envelope([...many, signature('64')]), 'It')).toThrow(form);
    expect(() => parseEnvelope(envelope([signature('a'), signature('a')]), 'It')).toThrow(form);
  });
});

describe('Bytes that are signed', () => {
  const bytes = encodeUtf8('a manifest');
  const sha256 = verifier.digest('sha256', bytes);
  const rows = [
    ['of another length', { length: 9, hashes: new Map([['sha256', sha256]]) }],
    ['with another hash', { length: 10, hashes: new Map([['sha256', '00'.repeat(32)]]) }],
    [
      'with another hash of two',
      {
        hashes: new Map([
          ['sha256', sha256],
          ['sha512', '00'.repeat(64)],
        ]),
      },
    ],
    ['with an unknown hash', { length: 10, hashes: new Map([['md5', '00'.repeat(16)]]) }],
  ] as const;
  it.each(rows)('%s are refused', (_what, facts) => {
    expect(() => expectFile(bytes, facts, verifier, 'It')).toThrow(
      expect.objectContaining({ code: 'trust-hash' }),
    );
  });

  it('are taken with one hash that is known', () => {
    const hashes = new Map([
      ['md5', '00'.repeat(16)],
      ['sha256', sha256],
    ]);
    expectFile(bytes, { length: 10, hashes }, verifier, 'It');
  });
});
