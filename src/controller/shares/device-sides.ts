import type { DeviceShareInfo } from '../../api/index.ts';
import type { Steps } from '../../base/index.ts';
import { rankOf } from '../fleet/name-rank.ts';
import type { DeviceRecord, Rollout } from '../rollouts/rollout.ts';

/** A rollout with the devices that are its own: of two that ordered one device the newer has it. */
export interface Side {
  readonly rollout: Rollout;
  readonly devices: readonly DeviceRecord[];
}

export interface Divided extends Pick<DeviceShareInfo, 'by' | 'of' | 'slot'> {
  /** Newest first. */
  readonly sides: readonly Side[];
}

/** The id of the order that stands in a slot of a device now. */
export type OrderOf = (device: string, slot: string) => string | undefined;

/** What has ended otherwise than well divides nothing. */
const dividing: ReadonlySet<string> = new Set([
  'waiting-for-approval',
  'running',
  'soaking',
  'paused',
  'finished',
]);
const aStep = 256;
/** As a route takes it. */
const maxLength = 128;

/** Rollouts, newest first, whose targets are shares of one name, or other values of the same labels. */
export function* divideDevices(rollouts: Iterable<Rollout>, orderOf: OrderOf): Steps<Divided[]> {
  const found = [...rollouts].filter((one) => dividing.has(one.state) && keyOf(one) !== undefined);
  const own = yield* ownDevices(found, orderOf);
  const groups = new Map<string, Divided>();
  for (const rollout of found) {
    const [key, devices] = [keyOf(rollout), own.get(rollout.id)];
    if (key === undefined || devices === undefined) continue;
    const id = JSON.stringify(key);
    groups.set(id, { ...key, sides: [...(groups.get(id)?.sides ?? []), { rollout, devices }] });
  }
  return [...groups.values()]
    .filter(({ by, sides }) => by === 'share' || versionsOf(newestOfEach(sides)) > 1)
    .sort((a, b) => (a.of < b.of ? -1 : 1));
}

/** A device belongs to the rollout whose order stands, else to the newest that it waits for. */
function* ownDevices(rollouts: readonly Rollout[], orderOf: OrderOf): Steps<Map<string, DeviceRecord[]>> {
  const own = new Map<string, DeviceRecord[]>();
  const taken = new Set<string>();
  const take = ({ id, slot }: Rollout, record: DeviceRecord) => {
    const place = `${slot} ${record.device}`;
    if (taken.has(place)) return;
    taken.add(place);
    const records = own.get(id);
    if (records === undefined) own.set(id, [record]);
    else records.push(record);
  };
  for (const rollout of rollouts)
    yield* eachOf(rollout, (record) => {
      const { device, order } = record;
      if (order !== undefined && orderOf(device, rollout.slot) === order) take(rollout, record);
    });
  for (const rollout of rollouts)
    yield* eachOf(rollout, (record) => {
      if (record.order === undefined) take(rollout, record);
    });
  return own;
}

function* eachOf({ devices }: Rollout, work: (record: DeviceRecord) => void): Steps<void> {
  let count = 0;
  for (const record of devices.values()) {
    if (record.state !== 'left-out') work(record);
    count += 1;
    if (count % aStep === 0) yield;
  }
  yield;
}

/** By where they begin, then by age. */
export function inOrder(sides: readonly Side[]): Side[] {
  const from = ({ rollout }: Side) => rollout.policy.target.share?.fromPercent ?? 0;
  return [...sides].reverse().sort((a, b) => from(a) - from(b) || a.rollout.createdMs - b.rollout.createdMs);
}

/** The first and the next with another version, each the newest of its range that runs somewhere. */
export function comparedSides(sides: readonly Side[]): [Side, Side] | undefined {
  const run = sides.filter(({ devices }) => devices.some(({ state }) => state === 'committed'));
  const [a, ...others] = inOrder(newestOfEach(run));
  const b = others.find(({ rollout }) => rollout.model.digest !== a?.rollout.model.digest);
  return a === undefined || b === undefined ? undefined : [a, b];
}

/** Labels divide where several rollouts of one model name other values of the same keys. */
function keyOf({ policy, slot, model }: Rollout): Omit<Divided, 'sides'> | undefined {
  const { share, labels } = policy.target;
  if (share !== undefined) return { by: 'share', of: share.of, slot };
  if (labels === undefined || Object.keys(labels).length === 0) return undefined;
  return { by: 'labels', of: shortened(`${model.name} by ${Object.keys(labels).sort().join(', ')}`), slot };
}

function newestOfEach(sides: readonly Side[]): Side[] {
  const found = new Map<string, Side>();
  for (const side of sides) {
    const range = rangeOf(side.rollout);
    if (!found.has(range)) found.set(range, side);
  }
  return [...found.values()];
}

function rangeOf({ policy: { target } }: Rollout): string {
  const { share, labels = {} } = target;
  if (share !== undefined) return `${share.fromPercent ?? 0} ${share.toPercent}`;
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function versionsOf(sides: readonly Side[]): number {
  return new Set(sides.map(({ rollout }) => rollout.model.digest)).size;
}

/** What a route takes; longer ones differ in a number of the whole. */
function shortened(of: string): string {
  if (of.length <= maxLength) return of;
  const number = rankOf('labels')(of).toString(16);
  return `${of.slice(0, maxLength - number.length - 2)}~ ${number}`;
}
