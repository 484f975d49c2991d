import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyEntry } from '../../src/model/engine/engine-state.ts';
import type { EngineFingerprint, EngineStore } from '../../src/model/index.ts';
import { suite } from './suite.ts';

/** A disk for the engines of one board, with room for plans of 30 bytes. */
export interface EngineDisk {
  /** A store on this disk, as a new process makes it. */
  store(): EngineStore;
  /** A build has written its plan. */
  writePlan(key: string, bytes: Uint8Array): void;
  /** From now on the disk takes nothing, or works again. */
  refuses(yes: boolean): void;
  close(): void;
}

/** What the cache of engines expects of any store. */
export function describeEngineStore(name: string, make: () => EngineDisk, missing?: string): void {
  suite(`A store of engines: ${name}`, missing, () => {
    let disk: EngineDisk;
    let store: EngineStore;

    beforeEach(() => {
      disk = make();
      store = disk.store();
    });
    afterEach(() => disk.close());

    it('is empty at first, and does not forbid a build', async () => {
      expect(await store.obstacle()).toBeUndefined();
      expect(await store.readManifest(keyOf('a'))).toBeUndefined();
      expect(await store.inspectPlan(keyOf('a'))).toBeUndefined();
      await store.removePlan(keyOf('a'));
    });

    it('gives back the newest manifest of every key, over a restart', async () => {
      await store.writeManifest(entry('a'));
      await store.writeManifest(entry('b'));
      await store.writeManifest({ ...entry('a'), reason: 'magic tag' });
      for (const one of [store, disk.store()]) {
        expect(await one.readManifest(keyOf('a'))).toEqual({ ...entry('a'), reason: 'magic tag' });
        expect(await one.readManifest(keyOf('b'))).toEqual(entry('b'));
      }
    });

    it('says of a plan how large it is and what its hash is, and of a changed one the new ones', async () => {
      for (const text of ['the plan', 'another plan']) {
        const bytes = Buffer.from(text);
        disk.writePlan(keyOf('a'), bytes);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        expect(await store.inspectPlan(keyOf('a'))).toEqual({ size: bytes.length, sha256 });
      }
    });

    it('removes a plan and keeps its manifest', async () => {
      await store.writeManifest(entry('a'));
      disk.writePlan(keyOf('a'), Uint8Array.of(1));
      disk.writePlan(keyOf('b'), Uint8Array.of(2));
      await store.removePlan(keyOf('a'));
      await store.removePlan(keyOf('a'));
      expect(await store.inspectPlan(keyOf('a'))).toBeUndefined();
      expect(await store.inspectPlan(keyOf('b'))).toMatchObject({ size: 1 });
      expect(await store.readManifest(keyOf('a'))).toEqual(entry('a'));
    });

    it('makes room: the plans that were not opened for the longest time go with their manifests, none in use', async () => {
      for (const key of ['a', 'b', 'c', 'd']) {
        await store.writeManifest(entry(key));
        disk.writePlan(keyOf(key), new Uint8Array(10));
      }
      const left = async () => {
        const found = await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.inspectPlan(keyOf(key))));
        return ['a', 'b', 'c', 'd'].filter((_, i) => found[i] !== undefined);
      };
      for (const key of ['d', 'a', 'b', 'c']) {
        await store.touchPlan(keyOf(key));
        // The time of a file has an end to its resolution.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      store = disk.store();
      await store.makeRoom(new Set(['d', 'a'].map(keyOf)));
      expect(await left()).toEqual(['a', 'c', 'd']);
      expect(await store.readManifest(keyOf('b'))).toBeUndefined();
      expect(await store.readManifest(keyOf('a'))).toEqual(entry('a'));
      await store.makeRoom(new Set());
      expect(await left()).toEqual(['a', 'c', 'd']);
    });

    it('does not complain of a plan that is not there', async () => {
      await store.touchPlan(keyOf('a'));
      await store.makeRoom(new Set([keyOf('a')]));
    });

    it('names one path per key, the same after a restart', () => {
      expect(store.planPath(keyOf('a'))).not.toBe(store.planPath(keyOf('b')));
      expect(disk.store().planPath(keyOf('a'))).toBe(store.planPath(keyOf('a')));
    });

    it('says in words what is against a build while the disk refuses', async () => {
      await store.writeManifest(entry('a'));
      disk.refuses(true);
      expect(await store.obstacle()).toMatch(/./);
      disk.refuses(false);
      expect(await store.obstacle()).toBeUndefined();
      expect(await store.readManifest(keyOf('a'))).toEqual(entry('a'));
    });
  });
}

const fingerprint: EngineFingerprint = {
  ...{
    model: `sha256:${'a'.repeat(64)}`,
    precision: 'int8',
    profiles: {},
    workspaceBytes: 2 ** 28,
    flags: [],
  },
  ...{ dlaCore: null, tensorrt: '10.3.0.30', cudaDriver: '12060', computeCapability: '8.7', smCount: 8 },
  ...{ board: 'Jetson Orin Nano', pluginAbi: '1.0' },
};

/** 64 hex digits, as every key is. */
const keyOf = (letter: string) => letter.repeat(64);
const entry = (letter: string) => emptyEntry(keyOf(letter), fingerprint);
