import { beforeEach, describe, expect, it } from 'vitest';
import { AgentStateStore } from '../../../src/agent/agent-state-store.ts';
import { type AgentState, freshAgentState } from '../../../src/agent/index.ts';
import { LimitError } from '../../../src/base/index.ts';
import { settle } from '../../fakes/fake-clock.ts';
import { FakeMemoryStore } from '../../fakes/fake-device.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const full = new LimitError('memory-disk', 'The disk is full.', 'Make room.');
let disk: FakeMemoryStore;
let log: RecordingLog;
let problems: (string | undefined)[];

beforeEach(() => {
  disk = new FakeMemoryStore();
  log = new RecordingLog();
  problems = [];
});
const open = async () => {
  const opened = await AgentStateStore.open({
    storage: disk,
    wallMs: () => 1_790_000_000_000,
    random: () => 0,
    log,
  });
  opened.stateStore.onDisk((problem) => problems.push(problem));
  return opened;
};

describe('The state of the agent', () => {
  it('begins with the milliseconds since 1970 on a new disk, and counts its starts from then on', async () => {
    const first = await open();
    expect(first.damage).toBeUndefined();
    expect(first.stateStore.state.session).toBe(1_790_000_000_000);
    expect((await open()).stateStore.state.session).toBe(1_790_000_000_001);
    expect(disk.saved.map(({ session }) => session)).toEqual([1_790_000_000_000, 1_790_000_000_001]);
  });

  it('begins anew, and says why, where the disk has something else or cannot be read', async () => {
    disk.stored = { ...freshAgentState(0), generation: 'many' };
    expect(await open()).toMatchObject({ damage: expect.stringContaining('/generation') });
    disk.load = () => Promise.reject(full);
    const { damage, stateStore } = await open();
    expect(damage).toBe('The disk is full. Make room.');
    expect(stateStore.state.generation).toBe(0);
  });

  it('changes at once in memory, and resolves when the disk has it', async () => {
    const { stateStore } = await open();
    const saved = stateStore.update({ generation: 7 });
    expect(stateStore.state.generation).toBe(7);
    expect((disk.stored as AgentState).generation).toBe(0);
    await saved;
    expect((disk.stored as AgentState).generation).toBe(7);
  });

  it('writes what changed meanwhile once, and the last change last', async () => {
    const { stateStore } = await open();
    let release = () => {};
    const save = disk.save.bind(disk);
    disk.save = async (state) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await save(state);
    };
    const updates = [1, 2, 3, 4].map((generation) => stateStore.update({ generation }));
    for (let i = 0; i < updates.length; i++) {
      await settle();
      release();
    }
    await Promise.all(updates);
    expect(disk.saved.slice(1).map(({ generation }) => generation)).toEqual([4]);
    const again = stateStore.update({ generation: 5 });
    await settle();
    stateStore.update({ generation: 6 });
    release();
    await settle();
    release();
    await again;
    await settle();
    expect(disk.saved.at(-1)?.generation).toBe(6);
  });

  it('goes on in memory while the disk refuses, and tells the beginning and the end of that, once each', async () => {
    const { stateStore } = await open();
    disk.fail = full;
    await stateStore.update({ generation: 1 });
    await stateStore.update({ generation: 2 });
    expect(stateStore.state.generation).toBe(2);
    expect(stateStore.problem).toBe('The disk is full. Make room.');
    disk.fail = undefined;
    await stateStore.update({ generation: 3 });
    await stateStore.update({ generation: 4 });
    expect(problems).toEqual(['The disk is full. Make room.', undefined]);
    expect([log.at('error').length, log.at('info').length]).toEqual([1, 1]);
    expect(stateStore.problem).toBeUndefined();
    expect((disk.stored as AgentState).generation).toBe(4);
  });

  it('tells another problem of the disk too', async () => {
    const { stateStore } = await open();
    disk.fail = full;
    await stateStore.update({ generation: 1 });
    disk.fail = new LimitError('memory-disk', 'The disk is read-only.', 'Mount it again.');
    await stateStore.update({ generation: 2 });
    expect(problems).toEqual(['The disk is full. Make room.', 'The disk is read-only. Mount it again.']);
  });
});
