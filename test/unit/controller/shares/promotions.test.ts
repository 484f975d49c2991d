import { beforeEach, expect, test } from 'vitest';
import type { DesiredSettings } from '../../../../src/api/index.ts';
import { AuditLog } from '../../../../src/controller/audit/audit-log.ts';
import { systemCaller } from '../../../../src/controller/audit/caller.ts';
import { CommandExecutor } from '../../../../src/controller/audit/command-executor.ts';
import { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../src/controller/history/series.ts';
import { Promotions, type PromotionsPorts } from '../../../../src/controller/shares/promotions.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { digest, otherDigest } from '../../../fakes/test-fleet.ts';

const model = { name: 'street', version: '2', digest };
const other = { name: 'street', version: '3', digest: otherDigest };
const share = { of: 'street', toPercent: 50 };
const done = { slots: { main: { model } } };
const next = { model, share: { ...share, promoted: true as const } };
const promoted: DesiredSettings = { slots: { main: { model }, next } };

let store: FakeStore;
let registry: DeviceRegistry;
let commands: CommandExecutor;
let promotions: Promotions;

beforeEach(() => {
  const clock = new FakeClock();
  const log = new RecordingLog();
  store = new FakeStore();
  registry = new DeviceRegistry(clock, new SeriesTable());
  commands = new CommandExecutor(store, new AuditLog({ store, clock, log }));
  const settings: PromotionsPorts['settings'] = {
    planDevice: () => expect.unreachable(),
    planGroup: async (name, members, next) => ({
      changes: [],
      apply: () => {
        registry.setGroup({ name, members: [...members], settings: next });
        return { generations: {} };
      },
    }),
  };
  promotions = new Promotions({ registry, commands, settings, clock, log });
  for (const name of ['east', 'west']) registry.setGroup({ name, members: [], settings: promoted });
});

const entries = () => store.auditRows.map(({ action, target, result }) => [action, target, result]);

/** What is done to `east` while the removal of its slot waits for its turn. */
async function lookWhile(meanwhile: () => void): Promise<void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const before = commands.execute(systemCaller, 'test', 'east', {}, async () => {
    await held;
    return { changes: [], apply: meanwhile };
  });
  const look = promotions.look();
  await settle();
  release();
  await Promise.all([before, look]);
}

test('A promoted slot that no device waits for is removed from every owner, with an entry for each', async () => {
  await promotions.look();
  expect(registry.groups().map(({ settings }) => settings)).toEqual([done, done]);
  expect(entries()).toEqual([
    ['group.slot-removed', 'east', 'ok'],
    ['group.slot-removed', 'west', 'ok'],
  ]);
});

test.each<[string, DesiredSettings]>([
  ['is removed', done],
  ['gets another version', { slots: { main: { model }, next: { model: other, share } } }],
  ['is ordered anew', { slots: { main: { model }, next: { model, share } } }],
  ['has another main', { slots: { main: { model: other }, next } }],
])(
  'One that %s meanwhile is left, no entry says that it was removed, and the others go on',
  async (_, now) => {
    await lookWhile(() => registry.setGroup({ name: 'east', members: [], settings: now }));
    expect(registry.group('east')?.settings).toEqual(now);
    expect(registry.group('west')?.settings).toEqual(done);
    const [, ...own] = entries();
    expect(own).toEqual([
      ['group.slot-removed', 'east', expect.stringContaining('share-changed')],
      ['group.slot-removed', 'west', 'ok'],
    ]);
  },
);
