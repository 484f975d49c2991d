import { describe, expect, it } from 'vitest';
import {
  type Document,
  documentBytes,
  metaOf,
  newRoot,
  newSnapshot,
  newTargets,
  newTimestamp,
  TrustedSet,
  withSignature,
} from '../../../src/trust/index.ts';
import { beganMs, day, newSigner, verifier } from '../../fixtures/trust-world.ts';

const key = newSigner();
const of = (version: number) => ({ version, expiresMs: beganMs + day, repository: 'r' });
const signed = (document: Document) => documentBytes(withSignature(document, key, verifier));
const holders = { keys: [key.key], threshold: 1 };
const root = (version: number) =>
  signed(
    newRoot(
      of(version),
      { root: holders, targets: holders, snapshot: holders, timestamp: holders },
      verifier,
    ),
  );
const snapshot = (version: number, targets: number) =>
  signed(newSnapshot(of(version), { 'targets.json': { version: targets } }));
const timestamp = (version: number, snapshotVersion: number) =>
  signed(newTimestamp({ ...of(version), issuedMs: beganMs }, { version: snapshotVersion }));

const other = newSigner();
const byOther = (document: Document) => documentBytes(withSignature(document, other, verifier));
const named = (repository: string, version = 1) => ({ ...of(version), repository });
const rootOf = (holder: typeof holders, name = 'r', version = 1) =>
  newRoot(
    named(name, version),
    { root: holder, targets: holders, snapshot: holders, timestamp: holders },
    verifier,
  );
const others = { keys: [other.key], threshold: 1 };

describe('A device that reads a repository', () => {
  const name = { root: 'r', roles: 'r' };
  const trusted = () => {
    const set = new TrustedSet(root(1), verifier, name);
    set.takeTimestamp(timestamp(1, 1), beganMs);
    set.takeSnapshot(snapshot(1, 1), beganMs);
    return set;
  };
  const rows: readonly (readonly [string, string, (set: TrustedSet) => unknown])[] = [
    [
      'an unsigned first root',
      'trust-signature',
      () => new TrustedSet(byOther(rootOf(holders)), verifier, name),
    ],
    [
      'a next root that the previous keys did not sign',
      'trust-signature',
      (set) => set.takeRoot(byOther(rootOf(others, 'r', 2))),
    ],
    [
      'a next root that its own keys did not sign',
      'trust-signature',
      (set) => set.takeRoot(signed(rootOf(others, 'r', 2))),
    ],
    [
      'an unsigned timestamp',
      'trust-signature',
      (set) => set.takeTimestamp(byOther(newTimestamp({ ...of(2), issuedMs: 0 }, { version: 1 })), beganMs),
    ],
    [
      'an unsigned snapshot',
      'trust-signature',
      (set) => set.takeSnapshot(byOther(newSnapshot(of(1), { 'targets.json': { version: 1 } })), beganMs),
    ],
    [
      'unsigned targets',
      'trust-signature',
      (set) => set.takeTargets(byOther(newTargets(of(1), {})), 'targets', 'root', beganMs),
    ],
    [
      'a first root of another repository',
      'trust-repository',
      () => new TrustedSet(signed(rootOf(holders, 'x')), verifier, name),
    ],
    [
      'a next root of another repository',
      'trust-repository',
      (set) => set.takeRoot(signed(rootOf(holders, 'x', 2))),
    ],
    [
      'a timestamp of another repository',
      'trust-repository',
      (set) =>
        set.takeTimestamp(signed(newTimestamp({ ...named('x', 2), issuedMs: 0 }, { version: 1 })), beganMs),
    ],
    [
      'a snapshot of another repository',
      'trust-repository',
      (set) => set.takeSnapshot(signed(newSnapshot(named('x'), { 'targets.json': { version: 1 } })), beganMs),
    ],
    [
      'targets of another repository',
      'trust-repository',
      (set) => set.takeTargets(signed(newTargets(named('x'), {})), 'targets', 'root', beganMs),
    ],
    [
      'another snapshot than the timestamp names',
      'trust-rollback',
      (set) => set.takeSnapshot(snapshot(2, 1), beganMs),
    ],
    [
      'other targets than the snapshot names',
      'trust-rollback',
      (set) => set.takeTargets(signed(newTargets(of(2), {})), 'targets', 'root', beganMs),
    ],
  ];
  it.each(rows)('refuses %s: %s', (_what, code, take) => {
    expect(() => take(trusted())).toThrow(expect.objectContaining({ code }));
  });

  it('takes from its disk only targets that the keys signed for this repository', () => {
    const set = trusted();
    expect(set.knowTargets(byOther(newTargets(of(1), {})))).toBe(false);
    expect(set.knowTargets(signed(newTargets(named('x'), {})))).toBe(false);
    expect(set.role('targets')).toBeUndefined();
    expect(set.knowTargets(signed(newTargets(of(1), {})))).toBe(true);
  });
});

describe('A device that trusts a repository', () => {
  const rows = [
    [
      'an older timestamp with the same snapshot',
      (set: TrustedSet) => set.takeTimestamp(timestamp(4, 5), beganMs),
    ],
    [
      'a newer timestamp with an older snapshot',
      (set: TrustedSet) => set.takeTimestamp(timestamp(6, 4), beganMs),
    ],
    ['a snapshot with older targets', (set: TrustedSet) => set.takeSnapshot(snapshot(5, 4), beganMs)],
    [
      'a snapshot without targets that it had',
      (set: TrustedSet) => set.takeSnapshot(signed(newSnapshot(of(5), {})), beganMs),
    ],
    ['a root that skips a version', (set: TrustedSet) => set.takeRoot(root(3))],
    ['the same root again', (set: TrustedSet) => set.takeRoot(root(1))],
  ] as const;
  it.each(rows)('never accepts %s', (_what, take) => {
    const set = new TrustedSet(root(1), verifier);
    expect(set.knowTimestamp(timestamp(5, 5))).toBe(true);
    expect(set.knowSnapshot(snapshot(4, 5))).toBe(true);
    expect(() => take(set)).toThrow(expect.objectContaining({ code: 'trust-rollback' }));
    // Nothing of it was taken.
    expect([set.root.version, set.timestamp?.version, set.snapshot?.version]).toEqual([1, 5, 4]);
  });

  it('accepts only the bytes that the timestamp names', () => {
    const set = new TrustedSet(root(1), verifier);
    const wanted = snapshot(5, 5);
    const meta = metaOf(5, wanted, verifier);
    set.takeTimestamp(signed(newTimestamp({ ...of(5), issuedMs: beganMs }, meta)), beganMs);
    expect(() => set.takeSnapshot(snapshot(5, 6), beganMs)).toThrow(
      expect.objectContaining({ code: 'trust-hash' }),
    );
    set.takeSnapshot(wanted, beganMs);
    expect(set.snapshotIsCurrent(wanted, beganMs)).toBe(true);
    // Expired, torn, or another one of that version: it is fetched.
    expect(set.snapshotIsCurrent(wanted, beganMs + day)).toBe(false);
    expect(set.snapshotIsCurrent(wanted.subarray(1), beganMs)).toBe(false);
    expect(set.snapshotIsCurrent(undefined, beganMs)).toBe(false);
  });
});
