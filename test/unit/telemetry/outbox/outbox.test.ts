import { beforeEach, describe, expect, it } from 'vitest';
import { type GoshawkError, LimitError, RefusedError, silentLog } from '../../../../src/base/index.ts';
import { Outbox, type Sending } from '../../../../src/telemetry/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeOutboxStore } from '../../../fakes/fake-outbox-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (payload: Uint8Array) => new TextDecoder().decode(payload);

describe('The outbox', () => {
  let clock: FakeClock;
  let store: FakeOutboxStore;
  let sent: Sending[];
  let fail: Error | undefined;
  let disk: (GoshawkError | undefined)[];

  function make(options: { maxBytes?: number; maxVolatileBytes?: number } = {}): Outbox {
    // An outbox that a test left behind goes on sending into its own list.
    const into = sent;
    const outbox = new Outbox(
      { maxBytes: 10_000, ...options },
      {
        store,
        clock,
        log: silentLog,
        send: async (sending) => {
          if (fail !== undefined) throw fail;
          into.push(sending);
        },
      },
    );
    outbox.onDisk((error) => disk.push(error));
    return outbox;
  }

  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeOutboxStore();
    sent = [];
    fail = undefined;
    disk = [];
  });

  const accept = (outbox: Outbox, what: string, kind: 'event' | 'metrics' = 'event') =>
    outbox.accept(kind, 1, (entry) => bytes(`${what}#${entry}`));
  const seen = () => sent.map(({ payload }) => text(payload));

  it('has an entry on the disk before it says so, and sends it only then', async () => {
    const outbox = make();
    await outbox.open();
    outbox.online();
    let release = () => {};
    store.gate = new Promise((resolve) => {
      release = resolve;
    });
    let accepted = false;
    const promise = accept(outbox, 'a').then(() => {
      accepted = true;
    });
    await clock.pass(5000);
    expect(accepted).toBe(false);
    expect(sent).toEqual([]);
    release();
    await promise;
    await clock.pass(10);
    expect(seen()).toEqual(['a#0']);
    expect(store.disk.has(0)).toBe(true);
  });

  it('keeps what was sent until the controller has it', async () => {
    const outbox = make();
    await outbox.open();
    outbox.online();
    await accept(outbox, 'a');
    await clock.pass(10);
    expect(outbox.stats.entries).toBe(1);
    outbox.acknowledge([0, 99]);
    await clock.pass(100_000);
    expect(outbox.stats).toMatchObject({ entries: 0, bytes: 0 });
    expect(store.disk.size).toBe(0);
    expect(seen()).toEqual(['a#0']);
    expect(clock.pending).toBe(0);
  });

  it('sends nothing while offline, then everything, marked late', async () => {
    const outbox = make();
    await outbox.open();
    await accept(outbox, 'm', 'metrics');
    await accept(outbox, 'e');
    await clock.pass(60_000);
    expect(sent).toEqual([]);
    outbox.online();
    await clock.pass(10);
    expect(seen()).toEqual(['e#1', 'm#0']);
    expect(sent.every(({ late }) => late)).toBe(true);
    await accept(outbox, 'fresh');
    await clock.pass(10);
    expect(sent.at(-1)).toMatchObject({ entry: 2, late: false });
  });

  it('sends only unacknowledged entries again, at once, when the controller lost track', async () => {
    const outbox = make();
    await outbox.open();
    outbox.online();
    await accept(outbox, 'a');
    await accept(outbox, 'b');
    await clock.pass(10);
    outbox.acknowledge([0]);
    outbox.sendAgain();
    await clock.pass(10);
    expect(seen()).toEqual(['a#0', 'b#1', 'b#1']);
    outbox.offline();
    outbox.sendAgain();
    await clock.pass(100_000);
    expect(seen()).toHaveLength(3);
  });

  it('waits before an end until the controller has what was told, at most as long as it is given', async () => {
    const outbox = make();
    await outbox.open();
    await accept(outbox, 'a');
    expect(await outbox.delivered('event', 1000)).toBe(false);
    outbox.online();
    const done: string[] = [];
    const wait = (what: string, kind: 'event' | 'metrics', ms: number) =>
      void outbox.delivered(kind, ms).then((all) => done.push(`${what} ${all}`));
    wait('nothing of its kind', 'metrics', 1000);
    wait('acknowledged', 'event', 3000);
    wait('out of time', 'event', 500);
    await clock.pass(100);
    expect(done).toEqual(['nothing of its kind true']);
    await clock.pass(500);
    expect(done.at(-1)).toBe('out of time false');
    outbox.acknowledge([0]);
    await clock.pass(10);
    expect(done.at(-1)).toBe('acknowledged true');
    await accept(outbox, 'b');
    wait('offline', 'event', 60_000);
    await clock.pass(10);
    outbox.offline();
    await clock.pass(10);
    expect(done.at(-1)).toBe('offline false');
    expect(clock.pending).toBe(0);
  });

  it('sends again after a new connection and after silence of the controller', async () => {
    const outbox = make();
    await outbox.open();
    outbox.online();
    await accept(outbox, 'a');
    await clock.pass(10);
    outbox.offline();
    outbox.online();
    await clock.pass(10);
    expect(seen()).toEqual(['a#0', 'a#0']);
    await clock.pass(120_000);
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.length).toBeLessThan(6);
  });

  it('goes on after a restart where it was, with growing numbers', async () => {
    const before = make();
    await before.open();
    await accept(before, 'a');
    await accept(before, 'b');
    before.acknowledge([1]);
    await before.close();
    const after = make();
    await after.open();
    expect(await accept(after, 'c')).toBe(2);
    after.online();
    await clock.pass(10);
    expect(seen()).toEqual(['a#0', 'c#2']);
    expect(sent.map(({ late }) => late)).toEqual([true, false]);
  });

  it('loses nothing of what was accepted when the process dies at any moment', async () => {
    const outbox = make();
    await outbox.open();
    outbox.online();
    const accepted = await Promise.all(Array.from({ length: 20 }, (_, i) => accept(outbox, `e${i}`)));
    // No close: the process is gone, the disk stays.
    expect(accepted.every((entry) => store.disk.has(entry))).toBe(true);
  });

  it('keeps entries in memory while its disk does not open, sends them, and takes the older ones up when it does', async () => {
    const before = make();
    await before.open();
    await accept(before, 'old');
    await before.close();

    store.shut = new LimitError('outbox-disk', 'It is read-only.', 'Mount it anew.');
    const outbox = make();
    expect(await outbox.open()).toBeUndefined();
    expect(disk.map((error) => error?.code)).toEqual(['outbox-disk']);
    outbox.online();
    const number = await accept(outbox, 'a');
    expect(number).toBeGreaterThan([...store.disk.keys()].at(-1) ?? number);
    await clock.pass(10);
    expect(seen()).toEqual([`a#${number}`]);
    outbox.acknowledge([number]);
    await accept(outbox, 'b');

    store.shut = undefined;
    await clock.pass(60_000);
    await accept(outbox, 'c');
    await clock.pass(1000);
    expect(disk.map((error) => error?.code)).toEqual(['outbox-disk', undefined]);
    expect(outbox.stats).toMatchObject({ entries: 3, volatileEntries: 0 });
    expect(seen().map((one) => one.split('#')[0])).toEqual(expect.arrayContaining(['old', 'b', 'c']));
    expect([...store.disk.values()].map(({ payload }) => text(payload).split('#')[0])).toEqual(
      expect.arrayContaining(['old', 'b', 'c']),
    );
  });

  it('does not begin beside another program that uses its disk', async () => {
    store.shut = new RefusedError('outbox-busy', 'Another agent uses it.', 'Stop it.');
    await expect(make().open()).rejects.toMatchObject({ code: 'outbox-busy' });
  });

  it('keeps entries in memory while the disk is full, sends them, and moves them to the disk later', async () => {
    const outbox = make();
    await outbox.open();
    store.full = true;
    await accept(outbox, 'a');
    await accept(outbox, 'b');
    expect(disk.map((error) => error?.code)).toEqual(['outbox-disk']);
    expect(outbox.stats).toMatchObject({ entries: 2, volatileEntries: 2 });
    outbox.online();
    await clock.pass(10);
    expect(seen()).toEqual(['a#0', 'b#1']);
    outbox.acknowledge([0]);
    store.full = false;
    await accept(outbox, 'c');
    await clock.pass(10);
    expect(disk).toEqual([expect.anything(), undefined]);
    expect([...store.disk.keys()].sort()).toEqual([1, 2]);
    expect(outbox.stats.volatileEntries).toBe(0);
  });

  it('sends what lies in memory only behind what is read from the disk before it', async () => {
    const outbox = make();
    await outbox.open();
    await accept(outbox, 'on the disk', 'metrics');
    store.full = true;
    await accept(outbox, 'in memory', 'metrics');
    await accept(outbox, 'in memory too', 'metrics');
    outbox.online();
    await clock.pass(10);
    expect(seen()).toEqual(['on the disk#0', 'in memory#1', 'in memory too#2']);
  });

  it('does not wait for one that the disk does not give', async () => {
    const outbox = make();
    await outbox.open();
    await accept(outbox, 'a');
    await accept(outbox, 'b');
    const { read } = store;
    store.read = (entry) => (entry === 0 ? Promise.reject(new Error('worn out')) : read.call(store, entry));
    outbox.online();
    await clock.pass(10);
    expect(seen()).toEqual(['b#1']);
  });

  it('tells of batches that neither disk nor memory took as of those that it thinned', async () => {
    const outbox = make({ maxVolatileBytes: 5 });
    await outbox.open();
    await accept(outbox, 'a', 'metrics');
    store.full = true;
    for (const lost of ['bbbb', 'cccc'])
      await expect(accept(outbox, lost, 'metrics')).rejects.toMatchObject({ code: 'outbox-disk' });
    store.full = false;
    await accept(outbox, 'd', 'metrics');
    outbox.online();
    await clock.pass(10);
    expect(sent.map(({ payload, thinned }) => [text(payload), thinned])).toEqual([
      ['a#0', 0],
      ['d#3', 2],
    ]);
  });

  it('says so when neither disk nor memory has room', async () => {
    const outbox = make({ maxVolatileBytes: 5 });
    await outbox.open();
    store.full = true;
    await accept(outbox, 'a');
    await expect(accept(outbox, 'bbbb')).rejects.toMatchObject({ code: 'outbox-disk' });
    expect(outbox.stats).toMatchObject({ entries: 1, refusedEntries: 1 });
  });

  it('refuses an event when events alone fill the room, and keeps those it has', async () => {
    const outbox = make({ maxBytes: 200 });
    await outbox.open();
    await accept(outbox, 'a');
    await accept(outbox, 'b');
    await expect(accept(outbox, 'c')).rejects.toMatchObject({ code: 'outbox-full' });
    outbox.online();
    await clock.pass(10);
    expect(seen()).toEqual(['a#0', 'b#1']);
  });

  it('thins metrics on the disk as in the index and tells the count', async () => {
    const outbox = make({ maxBytes: 500 });
    await outbox.open();
    for (let i = 0; i < 12; i++) await accept(outbox, `m${i}`, 'metrics');
    expect(outbox.stats.bytes).toBeLessThanOrEqual(500);
    expect(outbox.stats.thinnedBatches).toBeGreaterThan(0);
    outbox.online();
    await clock.pass(1000);
    expect(sent).toHaveLength(store.disk.size);
    expect(sent.reduce((sum, { thinned }) => sum + 1 + thinned, 0)).toBe(12);
    for (const { entry, thinned } of sent) expect(store.disk.get(entry)?.thinned).toBe(thinned);
  });

  it('tries again what could not leave', async () => {
    const outbox = make();
    await outbox.open();
    fail = new Error('busy');
    outbox.online();
    await accept(outbox, 'a');
    await clock.pass(100);
    expect(sent).toEqual([]);
    fail = undefined;
    await clock.pass(2000);
    expect(seen()).toEqual(['a#0']);
  });

  it('does not care about a clock that is set back', async () => {
    const outbox = make();
    await outbox.open();
    outbox.online();
    await accept(outbox, 'a');
    clock.jumpWall(-3_600_000);
    await clock.pass(10);
    await accept(outbox, 'b');
    await clock.pass(10);
    expect(seen()).toEqual(['a#0', 'b#1']);
    expect(sent.map(({ late }) => late)).toEqual([false, false]);
    await clock.pass(31_000);
    expect(sent).toHaveLength(4);
  });

  it('hands on what the store found broken', async () => {
    store.damage = 'moved aside';
    expect(await make().open()).toBe('moved aside');
  });
});
