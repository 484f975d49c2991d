import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutboxDatabase } from '../../../../src/adapters/outbox/database.ts';
import { LimitError, silentLog } from '../../../../src/base/index.ts';
import { SequenceTracker } from '../../../../src/controller/fleet/sequence.ts';
import { Outbox, type OutboxStore, type Sending } from '../../../../src/telemetry/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

/* What an agent or a controller has done of an entry's way when SIGKILL ends it; in the order of the way. */
const agentSteps = [
  'it has its number',
  'it is on the disk, and nobody knows',
  'it was told as accepted',
  'it is read from the disk to be sent',
  'it is with the broker, and the controller never gets it',
  'it is with the controller, uncommitted',
  'it is committed, and the acknowledgement is lost',
  'its acknowledgement waits at the broker',
  'its removal was asked for',
  'it is removed, and nobody knows',
] as const;
type AgentStep = (typeof agentSteps)[number];
const never = new Promise<never>(() => {});
const began = 1_790_000_000_000;

/** What an entry says; the number comes with it, as in every payload. */
interface Said {
  readonly id: string;
  readonly entry: number;
  /** Of a batch. */
  readonly session?: number;
  readonly sequence?: number;
}

/** Keeps what it has committed over its own death; counts gaps as the real one does. */
class Fleet {
  /** Also what came again. */
  readonly committed: Said[] = [];
  readonly arrivals: string[] = [];
  /** Of the broker: they outlive both ends. */
  acks: number[] = [];
  #uncommitted: Said[] = [];
  #tracker = new SequenceTracker();

  hear({ payload, thinned, late }: Sending): void {
    const said = JSON.parse(new TextDecoder().decode(payload)) as Said;
    if (said.sequence !== undefined)
      this.arrivals.push(this.#tracker.arrive(said.session ?? 0, said.sequence, thinned, late).kind);
    this.#uncommitted.push(said);
  }

  commit(): void {
    for (const said of this.#uncommitted.splice(0)) {
      this.committed.push(said);
      this.acks.push(said.entry);
    }
  }

  killed(): void {
    this.#uncommitted = [];
    this.#tracker = new SequenceTracker();
    const batches = this.committed.filter(({ sequence }) => sequence !== undefined);
    const session = Math.max(...batches.map((one) => one.session ?? 0));
    const last = Math.max(
      ...batches.filter((one) => one.session === session).map((one) => one.sequence ?? 0),
    );
    if (batches.length > 0) this.#tracker.resume(session, last);
  }
}

/** The real file, without the thread before it: after a step at which the process dies nothing of it runs any more. */
class Life implements OutboxStore {
  readonly clock = new FakeClock();
  readonly outbox: Outbox;
  readonly accepted: string[] = [];
  readonly #database: OutboxDatabase;
  readonly #folder: string;
  readonly #session: number;
  readonly #fleet: Fleet;
  #death: { readonly step: AgentStep; left: number } | undefined;
  #sequence = 0;
  dead: string | undefined;
  full = false;

  constructor(folder: string, session: number, fleet: Fleet, death?: { step: AgentStep; at: number }) {
    this.#folder = folder;
    this.#session = session;
    this.#fleet = fleet;
    this.#death = death === undefined ? undefined : { step: death.step, left: death.at };
    this.#database = new OutboxDatabase({ folder, maxFileBytes: 1e7 });
    const send = async (sending: Sending) => {
      if (this.reach('it is with the broker, and the controller never gets it')) return never;
      fleet.hear(sending);
      if (this.reach('it is with the controller, uncommitted')) return never;
    };
    const ports = { store: this, clock: this.clock, log: silentLog, send };
    this.outbox = new Outbox({ maxBytes: 1e6 }, ports);
  }

  /** True when it is dead. The disk is left as it is now. */
  reach(step: AgentStep): boolean {
    if (this.dead === undefined && this.#death?.step === step && --this.#death.left === 0) {
      this.dead = mkdtempSync(join(tmpdir(), 'goshawk-killed-'));
      cpSync(this.#folder, this.dead, { recursive: true });
    }
    return this.dead !== undefined;
  }

  /** Sends for the time of a retry; the fleet commits and acknowledges each second. */
  async goOn(seconds: number): Promise<void> {
    for (let second = 0; second < seconds && this.dead === undefined; second++) {
      await this.clock.pass(1000);
      this.#fleet.commit();
      if (this.reach('it is committed, and the acknowledgement is lost')) this.#fleet.acks = [];
      if (this.reach('its acknowledgement waits at the broker')) return;
      this.acknowledgements();
      await this.clock.pass(1);
    }
  }

  acknowledgements(): void {
    this.outbox.acknowledge(this.#fleet.acks.splice(0));
  }

  /** An event and a batch. */
  async tell(name: string): Promise<void> {
    const batch = { session: this.#session, sequence: this.#sequence++ };
    await Promise.race([this.#accept('event', { id: `${name}, event` }), this.#died()]);
    await Promise.race([this.#accept('metrics', { id: `${name}, batch`, ...batch }), this.#died()]);
  }

  async #accept(kind: 'event' | 'metrics', said: Omit<Said, 'entry'>): Promise<void> {
    if (this.dead !== undefined) return never;
    await this.outbox.accept(kind, this.#session, (entry) =>
      new TextEncoder().encode(JSON.stringify({ ...said, entry })),
    );
    if (this.dead !== undefined) return never;
    this.accepted.push(said.id);
    this.reach('it was told as accepted');
  }

  async #died(): Promise<void> {
    for (let turn = 0; turn < 20 && this.dead === undefined; turn++) await Promise.resolve();
    return this.dead === undefined ? never : undefined;
  }

  async open() {
    return this.#database.open(began + this.#session * 60_000);
  }

  async append(...[entry, thinning]: Parameters<OutboxStore['append']>): Promise<void> {
    if (this.reach('it has its number')) return never;
    if (this.full) throw new LimitError('outbox-disk', 'The disk is full.', 'Make room.');
    this.#database.apply([{ kind: 'append', entry, ...(thinning === undefined ? {} : { thinning }) }]);
    if (this.reach('it is on the disk, and nobody knows')) return never;
  }

  async read(entry: number): Promise<Uint8Array | undefined> {
    if (this.reach('it is read from the disk to be sent')) return never;
    return this.#database.read(entry);
  }

  async remove(entries: readonly number[]): Promise<void> {
    if (this.reach('its removal was asked for')) return never;
    this.#database.apply([{ kind: 'remove', entries }]);
    if (this.reach('it is removed, and nobody knows')) return never;
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

describe('An outbox whose process is killed', () => {
  let folder: string;
  let fleet: Fleet;
  let lives: Life[];
  const folders: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-killed-'));
    fleet = new Fleet();
    lives = [];
  });
  afterEach(async () => {
    for (const life of lives) await life.close();
    for (const one of [folder, ...folders.splice(0)]) rmSync(one, { recursive: true, force: true });
  });

  async function live(at: string, death?: { step: AgentStep; at: number }): Promise<Life> {
    const life = new Life(at, lives.length + 1, fleet, death);
    lives.push(life);
    await life.outbox.open();
    life.outbox.online();
    life.acknowledgements();
    return life;
  }

  /** Three of each, and a second in between. */
  async function work(life: Life): Promise<void> {
    for (const name of ['a', 'b', 'c']) {
      if (life.dead === undefined) await life.tell(`life ${lives.length} ${name}`);
      await life.goOn(1);
    }
  }

  function expectAllOnce(): void {
    const accepted = lives.flatMap((life) => life.accepted);
    const arrived = new Set(fleet.committed.map(({ id }) => id));
    expect(accepted.filter((id) => !arrived.has(id))).toEqual([]);
    // What comes again has its number, by which it is known: nothing has two numbers, and no number two meanings.
    const pairs = new Set(fleet.committed.map(({ id, entry }) => `${entry} ${id}`));
    expect(pairs.size).toBe(arrived.size);
    expect(new Set(fleet.committed.map(({ entry }) => entry)).size).toBe(arrived.size);
    expect(fleet.arrivals).not.toContain('gap');
  }

  it.each(agentSteps.flatMap((step) => [1, 2, 3].map((at) => [step, at] as const)))(
    'when %s (time %i): all that was accepted arrives once, no number means two things, no gap is seen',
    async (step, at) => {
      const first = await live(folder, { step, at });
      await work(first);
      const found = first.dead;
      expect(found).toBeDefined();
      folders.push(found ?? '');
      const second = await live(found ?? '');
      await work(second);
      await second.goOn(120);
      expectAllOnce();
      expect(second.accepted).toHaveLength(6);
      expect(second.outbox.stats).toMatchObject({ entries: 0, bytes: 0 });
      expect(fleet.arrivals).not.toContain('interrupted');
    },
  );

  it('keeps the number of an entry that was sent from memory while the disk was full, so a late acknowledgement removes no other', async () => {
    const first = await live(folder, { step: 'its acknowledgement waits at the broker', at: 2 });
    await first.tell('life 1 a');
    await first.goOn(1);
    first.full = true;
    await first.tell('life 1 b');
    await first.goOn(1);
    folders.push(first.dead ?? '');
    expect(fleet.acks).toHaveLength(2);
    const waiting = fleet.acks.splice(0);
    const second = await live(first.dead ?? '');
    await second.tell('life 2 a');
    second.outbox.acknowledge(waiting);
    await second.goOn(60);
    expect(second.accepted).toHaveLength(2);
    expectAllOnce();
  });

  it.each([
    ['at once', 0],
    ['when the first of what was lost is due again', 29],
    ['in the middle of what is due again', 31],
  ])(
    'a controller that was killed with entries in memory and is back %s counts no gap',
    async (_, awaySeconds) => {
      const life = await live(folder);
      await life.tell('a');
      await life.goOn(2);
      await life.tell('b');
      await life.clock.pass(100);
      fleet.killed();
      for (let second = 0; second < awaySeconds; second++) {
        await life.tell(`away ${second}`);
        await life.clock.pass(1000);
        // The broker takes it, and nobody is there.
        fleet.killed();
      }
      fleet.arrivals.splice(0);
      // A device has a batch every so often; until its next one there are repeats alone.
      await life.goOn(2);
      for (let second = 0; second < 30; second++) {
        await life.tell(`back ${second}`);
        await life.goOn(1);
      }
      await life.goOn(120);
      expectAllOnce();
      expect(life.outbox.stats.entries).toBe(0);
    },
  );
});
