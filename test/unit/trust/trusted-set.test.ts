import { describe, expect, it } from 'vitest';
import {
  type Document,
  documentBytes,
  metaOf,
  newRoot,
  newSnapshot,
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

describe('What is trusted of a repository', () => {
  const rows = [
    [
      'a timestamp of before, with the same snapshot',
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
    ['a root that leaves one out', (set: TrustedSet) => set.takeRoot(root(3))],
    ['the same root again', (set: TrustedSet) => set.takeRoot(root(1))],
  ] as const;
  it.each(rows)('never goes back to %s', (_what, take) => {
    const set = new TrustedSet(root(1), verifier);
    expect(set.knowTimestamp(timestamp(5, 5))).toBe(true);
    expect(set.knowSnapshot(snapshot(4, 5))).toBe(true);
    expect(() => take(set)).toThrow(expect.objectContaining({ code: 'trust-rollback' }));
    // Nothing of it was taken.
    expect([set.root.version, set.timestamp?.version, set.snapshot?.version]).toEqual([1, 5, 4]);
  });

  it('is what the timestamp names, byte for byte', () => {
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
