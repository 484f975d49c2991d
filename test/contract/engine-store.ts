import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyEntry } from '../../src/model/engine/engine-state.ts';
import type { EngineFingerprint, EngineStore } from '../../src/model/index.ts';
import { suite } from './suite.ts';

/** A disk for the engines of one board. */
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

    it('has nothing at first, and nothing against a build', async () => {
      expect(await store.obstacle()).toBeUndefined();
      expect(await store.readManifest('a')).toBeUndefined();
      expect(await store.inspectPlan('a')).toBeUndefined();
      await store.removePlan('a');
    });

    it('gives back the newest manifest of every key, over a restart', async () => {
      await store.writeManifest(entry('a'));
      await store.writeManifest(entry('b'));
      await store.writeManifest({ ...entry('a'), reason: 'magic tag' });
      for (const one of [store, disk.store()]) {
        expect(await one.readManifest('a')).toEqual({ ...entry('a'), reason: 'magic tag' });
        expect(await one.readManifest('b')).toEqual(entry('b'));
      }
    });

    it('says of a plan how large it is and what its hash is, and of a changed one the new ones', async () => {
      for (const text of ['the plan', 'another plan']) {
        const bytes = Buffer.from(text);
        disk.writePlan('a', bytes);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        expect(await store.inspectPlan('a')).toEqual({ size: bytes.length, sha256 });
      }
    });

    it('removes a plan and keeps its manifest', async () => {
      await store.writeManifest(entry('a'));
      disk.writePlan('a', Uint8Array.of(1));
      disk.writePlan('b', Uint8Array.of(2));
      await store.removePlan('a');
      await store.removePlan('a');
      expect(await store.inspectPlan('a')).toBeUndefined();
      expect(await store.inspectPlan('b')).toMatchObject({ size: 1 });
      expect(await store.readManifest('a')).toEqual(entry('a'));
    });

    it('names one path per key, the same after a restart', () => {
      expect(store.planPath('a')).not.toBe(store.planPath('b'));
      expect(disk.store().planPath('a')).toBe(store.planPath('a'));
    });

    it('says in words what is against a build while the disk refuses', async () => {
      await store.writeManifest(entry('a'));
      disk.refuses(true);
      expect(await store.obstacle()).toMatch(/./);
      disk.refuses(false);
      expect(await store.obstacle()).toBeUndefined();
      expect(await store.readManifest('a')).toEqual(entry('a'));
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

const entry = (key: string) => emptyEntry(key, fingerprint);
