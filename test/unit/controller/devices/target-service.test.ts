import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { admin, birth, digest, TestFleet } from '../../../fakes/test-fleet.ts';

/** Devices of a fleet with the groups that each names itself. */
const declared: Readonly<Record<string, readonly string[]>> = {
  'cam-1': ['demo'],
  'cam-2': ['demo', 'gate'],
  'cam-3': [],
};

const board = birth.board.name;

describe('TargetService', () => {
  let fleet: TestFleet;
  afterEach(() => fleet.stop());

  async function open(groups = declared): Promise<void> {
    fleet = await TestFleet.open();
    for (const [id, names] of Object.entries(groups)) await fleet.birth(id, { groups: [...names] });
    await fleet.clock.pass(1_000);
  }

  const idsOf = (target: Parameters<TestFleet['controller']['targets']['resolve']>[0]['target']) =>
    fleet.controller.targets.resolve({ target }).devices.map(({ id }) => id);

  it('names the devices that a target means', async () => {
    await open();
    await fleet.controller.groups.setMembers(admin, 'gate', ['cam-3', 'cam-9']);
    await fleet.controller.labels.setLabels(admin, 'cam-1', { ring: 'canary' });
    const cases = [
      [{ groups: ['demo'] }, ['cam-1', 'cam-2']],
      [{ groups: ['gate'] }, ['cam-2', 'cam-3']],
      [{ groups: ['demo', 'gate'] }, ['cam-1', 'cam-2', 'cam-3']],
      [{ groups: ['none'] }, []],
      [{ devices: ['cam-3', 'cam-1'] }, ['cam-1', 'cam-3']],
      [{ labels: { ring: 'canary' } }, ['cam-1']],
      [{ boards: [board] }, ['cam-1', 'cam-2', 'cam-3']],
      [{ all: true as const, except: { groups: ['demo'] } }, ['cam-3']],
      [{}, []],
    ] as const;
    for (const [target, ids] of cases)
      expect([target, idsOf(target as Parameters<typeof idsOf>[0])]).toEqual([target, ids]);
    expect(fleet.controller.targets.resolve({ target: { groups: ['gate'] } }).unknown).toEqual(['cam-9']);
    expect(fleet.controller.targets.resolve({ target: { devices: ['cam-8'] } }).unknown).toEqual(['cam-8']);
  });

  it('says which device keeps a model of its own', async () => {
    await open();
    const model = { name: 'street', version: '1.0.0', digest };
    await fleet.controller.desiredState.setDevice(admin, 'cam-2', { slots: { main: { model } } }, true);
    const { devices } = fleet.controller.targets.resolve({ target: { groups: ['demo'] }, slot: 'main' });
    expect(devices.map(({ id, own }) => [id, own?.version])).toEqual([
      ['cam-1', undefined],
      ['cam-2', '1.0.0'],
    ]);
  });

  it('names for a group the same devices as an order for it reaches', async () => {
    const names = fc.subarray(['demo', 'gate', 'roof']);
    await fc.assert(
      fc.asyncProperty(
        fc.record({ 'cam-1': names, 'cam-2': names, 'cam-3': names, 'cam-4': names }),
        fc.subarray(['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-9']),
        async (groups, members) => {
          await open(groups);
          await fleet.controller.groups.setMembers(admin, 'gate', members);
          const meant = idsOf({ groups: ['gate'] });
          const answer = await fleet.controller.desiredState.setGroup(admin, 'gate', {
            pipelines: { '*': { scoreThreshold: 0.4 } },
          });
          expect(Object.keys(answer.generations).sort()).toEqual(meant);
          await fleet.stop();
        },
      ),
      { numRuns: 25 },
    );
    await open();
  });
});
