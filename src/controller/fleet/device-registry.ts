import {
  type DeviceList,
  type DeviceListQuery,
  type DeviceSummary,
  type FleetSummary,
  type Group,
  type HealthCounts,
  healthStateNames,
} from '../../api/index.ts';
import { type Clock, defined, ExponentialHistogram } from '../../base/index.ts';
import { controllerId, mainSlot } from '../../protocol/index.ts';
import type { SeriesTable } from '../history/series.ts';
import type { StoredFleet } from '../store/store.ts';
import { Device } from './device.ts';
import { healthOf, loadedModels, summaryOf } from './device-summary.ts';
import { expectDevice } from './expect-device.ts';
import { type FleetView, wholeFleet } from './fleet-view.ts';
import { GroupTable } from './group-table.ts';

const maxFormer = 100_000;

/** Devices and groups in memory; the database has the same, so that a restart loses none of them. */
export class DeviceRegistry {
  readonly #clock: Clock;
  readonly #series: SeriesTable;
  readonly #devices = new Map<string, Device>();
  readonly #groups = new GroupTable();
  /** Generations of ids that have no device: one that was deleted and still runs acts on a number of its own. */
  readonly #former = new Map<string, readonly number[]>();

  constructor(clock: Clock, series: SeriesTable) {
    this.#clock = clock;
    this.#series = series;
  }

  load(stored: StoredFleet): void {
    this.#series.load(stored.series);
    for (const row of stored.devices) {
      // It is no device: the database has its events under its name.
      if (row.id === controllerId) continue;
      const device = this.ensure(row.id);
      device.birth = row.birth;
      device.reported = row.reported;
      device.desired = row.desired;
      device.settings = row.settings;
      device.lastSeenMs = row.lastSeenMs;
      device.presence.told = row.toldOnline;
      if (row.lastSequence !== undefined)
        device.sequence.resume(row.lastSequence.session, row.lastSequence.sequence);
    }
    for (const { device, session, aliases } of stored.catalogues)
      this.#devices.get(device)?.setCatalogue(session, new Map(aliases));
    for (const group of stored.groups) this.#groups.set(group);
    for (const { device, timeMs } of stored.recentWarnings) this.#devices.get(device)?.warned(timeMs);
  }

  get(id: string): Device | undefined {
    return this.#devices.get(id);
  }

  /** MissingError `device-unknown` for a device that never reported. */
  expect(id: string): Device {
    return expectDevice(this.#devices.get(id), id);
  }

  ensure(id: string): Device {
    let device = this.#devices.get(id);
    if (device === undefined) {
      device = new Device(id);
      device.formerGenerations = this.#former.get(id) ?? [];
      this.#former.delete(id);
      this.#devices.set(id, device);
    }
    return device;
  }

  delete(id: string): void {
    const device = this.#devices.get(id);
    if (device !== undefined)
      this.rememberGenerations(id, [device.desired?.generation ?? 0, device.reported?.generation ?? 0]);
    this.#devices.delete(id);
    this.#groups.removeMember(id);
  }

  /** For the device that may come with this id. */
  rememberGenerations(id: string, generations: readonly number[]): void {
    // A device that comes back says its generation itself, a moment later.
    if (this.#former.size >= maxFormer) this.#former.clear();
    this.#former.set(id, generations);
  }

  devices(): Iterable<Device> {
    return this.#devices.values();
  }

  get size(): number {
    return this.#devices.size;
  }

  groups(): Group[] {
    return this.#groups.all();
  }

  /** Groups of the database, and those that devices say they are in, each with the devices that say so. */
  groupsWithDeclared(): Group[] {
    const declared = new Map<string, string[]>();
    for (const device of this.#devices.values())
      for (const name of new Set(device.birth?.groups ?? []))
        declared.set(name, [...(declared.get(name) ?? []), device.id]);
    const names = new Set([...this.#groups.all().map(({ name }) => name), ...declared.keys()]);
    return [...names].sort().map((name) => {
      const group = this.#groups.get(name) ?? { name, members: [], settings: {} };
      const declaredBy = declared.get(name)?.sort();
      return declaredBy === undefined ? group : { ...group, declaredBy };
    });
  }

  group(name: string): Group | undefined {
    return this.#groups.get(name);
  }

  /** LimitError `too-many-groups`. */
  expectGroupRoom(group: Group): void {
    this.#groups.expectRoom(group);
  }

  setGroup(group: Group): void {
    this.#groups.set(group);
  }

  deleteGroup(name: string): void {
    this.#groups.delete(name);
  }

  /** How many devices report a model as loaded. */
  countWithModel(digest: string, { has }: Pick<FleetView, 'has'> = wholeFleet): number {
    let count = 0;
    for (const device of this.#devices.values())
      if (has(device.id) && loadedModels(device).some((model) => model.digest === digest)) count += 1;
    return count;
  }

  /** Groups that list the device, and those that it names itself in its birth. */
  groupsOf(device: Device): Group[] {
    const own = device.birth?.groups ?? [];
    const names = new Set([...own, ...this.#groups.listing(device.id)]);
    return [...names].sort().flatMap((name) => this.#groups.get(name) ?? []);
  }

  /** Ids of all members, of devices that are known: those that the group lists, and those that name it themselves. */
  membersOf(name: string): string[] {
    const listed = new Set(this.#groups.get(name)?.members ?? []);
    return [...this.#devices.values()]
      .filter((device) => listed.has(device.id) || device.birth?.groups?.includes(name))
      .map((device) => device.id);
  }

  /** Names of groups of a device, also of those that the controller has no settings for. */
  groupNames({ id, birth }: Pick<Device, 'id' | 'birth'>): string[] {
    return [...new Set([...(birth?.groups ?? []), ...this.#groups.listing(id)])].sort();
  }

  /** Temperature of its hottest zone; undefined without a fresh value. */
  temperatureC(device: Device): number | undefined {
    return device.online ? device.vital('temperature', this.#clock.monotonicMs()) : undefined;
  }

  summary(device: Device): DeviceSummary {
    return summaryOf(device, this.groupNames(device), this.#clock.monotonicMs(), this.#clock.wallMs());
  }

  /** Ordered by id. */
  list(query: DeviceListQuery, { has }: Pick<FleetView, 'has'> = wholeFleet): DeviceList {
    const members = query.group === undefined ? undefined : new Set(this.membersOf(query.group));
    const words = query.search?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    const [nowMs, wallMs] = [this.#clock.monotonicMs(), this.#clock.wallMs()];
    const fitting = [...this.#devices.values()]
      .filter((device) => members?.has(device.id) ?? true)
      .filter((device) => has(device.id))
      .filter((device) => query.online === undefined || device.online === query.online)
      .filter((device) => words.length === 0 || this.#isFound(device, words))
      .filter(
        (device) => query.health === undefined || healthOf(device, nowMs, wallMs).state === query.health,
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const { after } = query;
    const rest = after === undefined ? fitting : fitting.filter((device) => device.id > after);
    const page = rest.slice(0, query.limit ?? 100);
    const next = page.length < rest.length ? page.at(-1)?.id : undefined;
    return {
      devices: page.map((device) => this.summary(device)),
      total: fitting.length,
      ...defined({ next }),
    };
  }

  #isFound(device: Device, words: readonly string[]): boolean {
    const { id, birth } = device;
    const models = loadedModels(device).map(({ name, version, digest }) => `${name} ${version} ${digest}`);
    const text = [id, birth?.board.name, ...this.groupNames(device), ...(birth?.cameras ?? []), ...models]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  }

  /** The part of the fleet's summary that follows from its devices. */
  overview({
    has,
  }: Pick<FleetView, 'has'> = wholeFleet): Pick<
    FleetSummary,
    | 'devices'
    | 'online'
    | 'fps'
    | 'latencyP50Ms'
    | 'latencyP99Ms'
    | 'warnings'
    | 'models'
    | 'deployments'
    | 'health'
    | 'timeMs'
  > {
    const nowMs = this.#clock.monotonicMs();
    const wallMs = this.#clock.wallMs();
    const latency = new ExponentialHistogram();
    const models = new Map<string, FleetSummary['models'][number]>();
    const deployments: Record<string, number> = {};
    let devices = 0;
    let online = 0;
    let fps = 0;
    let warnings = 0;
    const health = Object.fromEntries(healthStateNames.map((state) => [state, 0])) as HealthCounts;
    for (const device of this.#devices.values()) {
      if (!has(device.id)) continue;
      devices += 1;
      warnings += device.warnings(wallMs);
      health[healthOf(device, nowMs, wallMs).state] += 1;
      const state = device.reported?.slots[mainSlot]?.deployment.state;
      if (state !== undefined) deployments[state] = (deployments[state] ?? 0) + 1;
      if (!device.online) continue;
      online += 1;
      fps += device.vital('fps', nowMs) ?? 0;
      latency.add(device.latency(nowMs));
      for (const { name, version, digest } of loadedModels(device)) {
        const row = models.get(digest) ?? { name, version, digest, devices: 0 };
        row.devices += 1;
        models.set(digest, row);
      }
    }
    const toMs = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
    return defined({
      timeMs: wallMs,
      devices,
      online,
      fps,
      latencyP50Ms: toMs(latency.quantile(0.5)),
      latencyP99Ms: toMs(latency.quantile(0.99)),
      warnings,
      models: [...models.values()].sort((a, b) => b.devices - a.devices),
      deployments,
      health,
    });
  }
}
