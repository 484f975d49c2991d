import { beforeEach, describe, expect, it } from 'vitest';
import type { KeptBudget } from '../../../../src/agent/budget/budget-service.ts';
import { type AgentEvent, BudgetService } from '../../../../src/agent/index.ts';
import { LimitError } from '../../../../src/base/index.ts';
import { type Transport, topics } from '../../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeController, FakeDevice } from '../../../fakes/fake-device.ts';
import { FakeBroker, FakeTransport } from '../../../fakes/fake-transport.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const hour = 3_600_000;

describe('The budget of a device', () => {
  let clock: FakeClock;
  let events: AgentEvent[];
  let kept: unknown;
  let saves: number;

  beforeEach(() => {
    clock = new FakeClock();
    events = [];
    kept = undefined;
    saves = 0;
  });

  const open = (bytesPerDay: number | undefined, prices = {}) =>
    BudgetService.open(
      { bytesPerDay, prices: { currency: 'EUR', ...prices } },
      {
        ...{ clock, log: new RecordingLog(), reportEvent: (event) => events.push(event) },
        stored: () => ({ models: 3e9, outbox: 1e9 }),
        storage: {
          load: async () => structuredClone(kept),
          save: async (next: KeptBudget) => {
            saves += 1;
            kept = structuredClone(next);
          },
        },
      },
    );

  const connect = (budget: BudgetService): Transport => {
    const transport = budget.meter(new FakeTransport(new FakeBroker(clock), 'd1'));
    transport.start();
    return transport;
  };
  const send = (transport: Transport, topic: string, bytes: number) =>
    transport.publish({ topic, payload: new Uint8Array(bytes), qos: 1, retain: false });

  it('refuses live pictures, then frames, with words, while events still go', async () => {
    const budget = await open(1_000_000);
    const transport = connect(budget);
    await clock.pass(1000);
    for (let i = 0; i < 8; i++) await send(transport, topics.preview('d1', 'front'), 50_000);
    expect(budget.previewRoom).toBe(true);
    await send(transport, topics.preview('d1', 'front'), 50_000);
    await expect(send(transport, topics.preview('d1', 'front'), 50_000)).rejects.toThrow(LimitError);
    expect(budget.previewRoom).toBe(false);
    await send(transport, topics.response('d1'), 170_000);
    await expect(send(transport, topics.response('d1'), 170_000)).rejects.toMatchObject({
      code: 'budget-spent',
    });
    await send(transport, topics.events('d1'), 1000);
    await send(transport, topics.response('d1'), 1000);
    expect(events.map(({ data }) => data?.of)).toEqual(['preview', 'frame']);
    expect(events[0]?.message).toContain('0.5 of 1.0 MB');
    // Told once while it goes on.
    await send(transport, topics.preview('d1', 'front'), 50_000).catch(() => {});
    expect(events).toHaveLength(2);
    await budget.close();
    expect(clock.pending).toBe(0);
  });

  it('refuses results at 60 % of the day, to whichever broker or server they go, and says so', async () => {
    const budget = await open(1_000_000);
    const fleet = connect(budget);
    const other = budget.meterResults(new FakeTransport(new FakeBroker(clock), 'goshawk-d1-home'));
    other.start();
    await clock.pass(1000);
    await send(fleet, topics.results('d1', 'front'), 200_000);
    await send(other, 'yard/front', 200_000);
    budget.spend('result', 190_000);
    const spent = expect.objectContaining({ code: 'budget-spent' });
    await expect(send(fleet, topics.results('d1', 'front'), 10_000)).rejects.toEqual(spent);
    await expect(send(other, 'yard/front', 10_000)).rejects.toEqual(spent);
    expect(() => budget.spend('result', 10_000)).toThrow(spent);
    // What is more important has its room.
    await send(fleet, topics.response('d1'), 20_000);
    expect(budget.readings().sent).toContainEqual({ kind: 'result', sentBytes: 590_396, refused: 3 });
    expect(events.map(({ data }) => data?.of)).toEqual(['result']);
  });

  it('counts nothing that cannot leave', async () => {
    const budget = await open(1_000_000);
    const transport = budget.meter(new FakeTransport(new FakeBroker(clock), 'd1'));
    await send(transport, topics.events('d1'), 1000).catch(() => {});
    expect(budget.readings().sentDayBytes).toBe(0);
  });

  it('forgets nothing over a restart, and charges a crash with what it may not have saved', async () => {
    const first = await open(1_000_000);
    const transport = connect(first);
    await clock.pass(1000);
    await send(transport, topics.events('d1'), 400_000);
    await first.close();
    const second = await open(1_000_000);
    const used = second.readings().sentDayBytes;
    expect(used).toBeGreaterThan(400_000);
    expect(used).toBeLessThan(401_000);
    // Killed: no close.
    const third = await open(1_000_000);
    expect(third.readings().sentDayBytes).toBe(used + 10_000);
    clock.advance(26 * hour);
    expect((await open(1_000_000)).readings().sentDayBytes).toBeLessThanOrEqual(10_000);
  });

  it('saves before more than a hundredth of the day is sent, and each minute', async () => {
    const budget = await open(1_000_000);
    const transport = connect(budget);
    await clock.pass(1000);
    const before = saves;
    for (let i = 0; i < 10; i++) await send(transport, topics.events('d1'), 9_000);
    await settle();
    expect(saves - before).toBeGreaterThanOrEqual(4);
    const then = saves;
    await clock.pass(60_000);
    expect(saves).toBe(then + 1);
  });

  it.each([['garbage'], [{ bytes: { wallMs: 'x' }, energy: 7, open: 'yes' }], [null]])(
    'begins anew where %j lies on the disk',
    async (lies) => {
      kept = lies;
      expect((await open(1_000_000)).readings().sentDayBytes).toBe(0);
    },
  );

  it('says what a day costs, of what is known', async () => {
    const budget = await open(undefined, { perKwh: 0.36, perGbSent: 4, perGbStoredMonth: 0.15 });
    const transport = connect(budget);
    await clock.pass(1000);
    await send(transport, topics.events('d1'), 249_999_854);
    const board = { temperatures: [], power: [{ rail: 'VDD_IN', watts: 10 }] };
    for (let minute = 0; minute < 61; minute++) {
      budget.read(board, minute * 60 * 15);
      await clock.pass(60_000);
    }
    const { energy, costs } = budget.readings();
    expect(energy).toMatchObject({ joules: 36_000, perFrame: expect.closeTo(2 / 3, 5) });
    expect(costs).toEqual([
      { of: 'energy', currency: 'EUR', perDay: expect.closeTo(0.0036, 6) },
      { of: 'network', currency: 'EUR', perDay: expect.closeTo(1, 6) },
      { of: 'storage', currency: 'EUR', perDay: expect.closeTo(0.02, 6) },
    ]);
  });

  it('makes the batches of an agent rarer, and no count is lost', async () => {
    const broker = new FakeBroker(clock);
    const device = new FakeDevice(broker, clock);
    device.budget = await open(1_000_000);
    const controller = new FakeController(broker);
    await device.start();
    await clock.pass(3 * hour);
    const batches = device.batches().length;
    expect(batches).toBeGreaterThan(10);
    expect(batches).toBeLessThan(900);
    expect(controller.commits).toBe(true);
    const bytes = broker.log.reduce((sum, { payload }) => sum + payload.byteLength, 0);
    expect(bytes).toBeLessThan(300_000);
    await device.agent.close();
  });

  it.each<[string, number, number | undefined]>([
    ['with all the bytes that it wants', 10, undefined],
    ['with few bytes a day', 10, 1_000_000],
    ['with hardly any bytes a day', 10, 250_000],
    ['every five minutes', 300, undefined],
    ['every five minutes, with hardly any bytes a day', 300, 60_000],
  ])('lets an agent say how often it reports, and keep to it: %s', async (_, everySeconds, bytesPerDay) => {
    const broker = new FakeBroker(clock);
    const device = new FakeDevice(broker, clock);
    device.budget = await open(bytesPerDay);
    const controller = new FakeController(broker);
    const saidMs: { readonly atMs: number; readonly announced: number | undefined }[] = [];
    const listener = new FakeTransport(broker, 'listener');
    listener.start();
    listener.subscribe('goshawk/1/d1/#', 1);
    listener.onMessage(({ topic }) => {
      const births = device.sent('state');
      const last = births.at(-1);
      const announced = last?.online === true ? last.reportsEverySeconds : undefined;
      if (!topic.includes('/call/')) saidMs.push({ atMs: clock.monotonicMs(), announced });
    });
    await device.start({ metricsEverySeconds: everySeconds });
    await clock.pass(12 * hour);
    for (const [index, { atMs, announced }] of saidMs.entries()) {
      const untilMs = saidMs[index + 1]?.atMs ?? clock.monotonicMs();
      // A tick late at most.
      expect(untilMs - atMs).toBeLessThanOrEqual((announced! + everySeconds) * 1000);
    }
    const births = device.sent('state').flatMap((state) => (state.online ? [state] : []));
    expect(births.length).toBeLessThan(20);
    const announced = births.at(-1)!.reportsEverySeconds;
    if (bytesPerDay === undefined) expect(announced).toBe(everySeconds);
    else expect(announced).toBeGreaterThan(everySeconds);
    expect(controller.commits).toBe(true);
    await device.agent.close();
  });
});
