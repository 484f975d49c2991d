import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricNames } from '../../../../src/protocol/index.ts';
import { admin, birth, TestFleet } from '../../../fakes/test-fleet.ts';

let fleet: TestFleet;
let sequence: number;
beforeEach(async () => {
  fleet = await TestFleet.open();
  sequence = 0;
});
afterEach(() => fleet.stop());

const name = metricNames.detections;
const ofFront = { camera: 'front', model: 'street', version: '1' };
const catalogue = [
  ...birth.catalogue,
  { alias: 9, name, unit: '1', kind: 'counter' as const, labels: ofFront },
  { alias: 10, name, unit: '1', kind: 'counter' as const, labels: { ...ofFront, version: '2' } },
];
const firing = () => fleet.controller.alerts.firing.map(({ subject }) => subject);

/** A batch every ten seconds; a total that did not move is not sent, as a device does it. */
async function seconds(howMany: number, total?: number, { session = 1, alias = 9 } = {}): Promise<void> {
  for (let turn = 0; turn < howMany / 10; turn++) {
    const counted = total === undefined || turn > 0 ? [] : [[fleet.clock.wallMs(), alias, total] as const];
    await fleet.metrics('d1', {
      session,
      sequence,
      entry: sequence,
      samples: [
        [fleet.clock.wallMs(), 1, 30],
        ...counted.map(([a, b, c]): [number, number, number] => [a, b, c]),
      ],
    });
    sequence += 1;
    await fleet.clock.pass(10_000);
  }
}
/** Grows by this much in every ten seconds. */
async function growing(by: number, from: number, turns: number, session = 1): Promise<number> {
  let total = from;
  for (let i = 0; i < turns; i++) {
    total += by;
    await seconds(10, total, { session });
  }
  return total;
}
const seesNothing = () =>
  fleet.controller.alerts.createRule(admin, {
    name: 'sees nothing',
    when: { kind: 'metric', name, rate: { per: 'minute', overSeconds: 60 }, below: 1 },
    forSeconds: 0,
  });

describe('A rule about a running total', () => {
  it('is refused without a rate, and the refusal says how to write it', async () => {
    const refused = fleet.controller.alerts.createRule(admin, {
      name: 'sees nothing',
      when: { kind: 'metric', name, below: 1 },
    });
    await expect(refused).rejects.toMatchObject({
      code: 'rule-invalid',
      message: expect.stringContaining('is a running total'),
      remedy: expect.stringContaining('"rate":{"per":"minute","overSeconds":300},"below":1'),
    });
    expect(fleet.controller.alerts.listRules('admin').rules).toEqual([]);
  });

  it('compares how fast it grows: not while it grows, then when it stands still, not when it grows again', async () => {
    await seesNothing();
    await fleet.birth('d1', { catalogue });
    // The total alone would be far above the bound all the time.
    let total = await growing(5, 100_000, 12);
    expect(firing()).toEqual([]);
    await seconds(80);
    expect(firing()).toEqual(['d1/front']);
    expect(fleet.controller.alerts.firing[0]?.summary).toBe(
      'd1/front: goshawk_detections_total grows by 0 per minute, below 1',
    );
    total = await growing(5, total, 13);
    expect(firing()).toEqual([]);
  });

  it('is not fooled by a restart of the agent, nor by a new version of the model', async () => {
    await seesNothing();
    await fleet.birth('d1', { catalogue });
    await growing(5, 100_000, 12);
    sequence = 0;
    await fleet.birth('d1', { catalogue, session: 2 });
    await growing(5, 0, 12, 2);
    expect(firing()).toEqual([]);
    for (let i = 1; i <= 12; i++) await seconds(10, i * 5, { session: 2, alias: 10 });
    expect(firing()).toEqual([]);
    await seconds(80, undefined, { session: 2 });
    expect(firing()).toEqual(['d1/front']);
  });

  it('is unknown for an offline device, and starts over when it is back', async () => {
    await seesNothing();
    await fleet.birth('d1', { catalogue });
    await seconds(10, 100);
    await fleet.clock.pass(200_000);
    expect(firing()).toEqual([]);
    await fleet.birth('d1', { catalogue });
    await seconds(50);
    expect(firing()).toEqual([]);
    await seconds(30);
    expect(firing()).toEqual(['d1/front']);
  });

  it('that is stored never fires, and says why', async () => {
    const base = { enabled: true, forSeconds: 0, severity: 'warning' as const, renotifyMinutes: 0 };
    fleet.store.ruleRows.set('old', {
      ...{ ...base, id: 'old', name: 'old', scope: { groups: [], devices: [] }, createdMs: 1, changedMs: 1 },
      when: { kind: 'metric', name, below: 1e9 },
    });
    await fleet.restart();
    await fleet.birth('d1', { catalogue });
    await growing(5, 0, 12);
    expect(firing()).toEqual([]);
    expect(fleet.controller.alerts.listRules('viewer').rules[0]?.problem).toContain(
      'Compare how fast it grows',
    );
  });
});
