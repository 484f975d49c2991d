import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AgentState, type AgentStateStorage, freshAgentState } from '../../src/agent/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import { suite } from './suite.ts';

/** A disk for the state of one agent. */
export interface AgentStateDisk {
  /** A storage on this disk, as a new process makes it. */
  storage(): AgentStateStorage;
  /** From now on the disk takes nothing, or works again. */
  refuses(yes: boolean): void;
  close(): void;
}

/** What an agent expects of the storage of its state. */
export function describeAgentStateStorage(name: string, make: () => AgentStateDisk, missing?: string): void {
  suite(`A storage of the agent's state: ${name}`, missing, () => {
    let disk: AgentStateDisk;
    let storage: AgentStateStorage;

    beforeEach(() => {
      disk = make();
      storage = disk.storage();
    });
    afterEach(() => disk.close());

    it('has nothing at first', async () => {
      expect(await storage.load()).toBeUndefined();
    });

    it('gives back what was saved last, after a restart too', async () => {
      await storage.save(state);
      await storage.save({ ...state, session: 8 });
      expect(await storage.load()).toEqual({ ...state, session: 8 });
      expect(await disk.storage().load()).toEqual({ ...state, session: 8 });
    });

    it('keeps what it was given, whatever becomes of the object', async () => {
      const given = { ...state, quarantined: [{ digest: 'sha256:a', generation: 1, reason: 'slow' }] };
      await storage.save(given);
      given.quarantined.pop();
      expect(await storage.load()).toMatchObject({ quarantined: [{ digest: 'sha256:a' }] });
      const loaded = (await storage.load()) as AgentState;
      loaded.quarantined.pop();
      expect(await storage.load()).toMatchObject({ quarantined: [{ digest: 'sha256:a' }] });
    });

    it('rejects in words while the disk refuses, and has the older state when it is back', async () => {
      await storage.save(state);
      disk.refuses(true);
      const refusal = await storage.save({ ...state, session: 8 }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(GoshawkError);
      expect(refusal).toMatchObject({ code: 'memory-disk', remedy: expect.stringMatching(/./) });
      disk.refuses(false);
      expect(await disk.storage().load()).toEqual(state);
      await storage.save({ ...state, session: 9 });
      expect(await disk.storage().load()).toEqual({ ...state, session: 9 });
    });

    it('has the older state, whole, where a save ended half way', async () => {
      await storage.save(state);
      const broken = Object.defineProperty({ ...state }, 'catalogue', {
        enumerable: true,
        get: () => {
          throw new Error('It ends here.');
        },
      });
      await expect(storage.save(broken)).rejects.toThrow(/It ends here/);
      expect(await disk.storage().load()).toEqual(state);
    });
  });
}

const state: AgentState = {
  ...freshAgentState(5000),
  session: 7,
  slots: {
    main: {
      committed: { name: 'street', version: '1', digest: `sha256:${'a'.repeat(64)}` },
      deployment: { state: 'idle', restarts: 0 },
    },
  },
  pipelines: { front: { enabled: false } },
};
