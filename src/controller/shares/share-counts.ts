import type { CameraShareInfo, DividedCamera } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { askedOf, camerasOf, type ShareOwner, settingsOf, shareOwnersInTurns } from './divided.ts';

export interface Counts {
  readonly a: number;
  readonly b: number;
  readonly waits: number;
}

interface OfShare extends Counts {
  readonly of: string;
  readonly slot: string;
}

interface Kept {
  /** What the counts follow from; all of it is replaced and never changed in place. */
  readonly from: readonly unknown[];
  readonly shares: readonly OfShare[];
}

/**
 * How many cameras each version has. Every dashboard asks for it all the time and it looks at every device: one pass for all
 * who ask meanwhile, in turns, and devices of which nothing has changed are not worked out again.
 */
export class ShareCounts {
  readonly #registry: DeviceRegistry;
  readonly #clock: Clock;
  readonly #kept = new WeakMap<Device, Kept>();
  #pass: Promise<CameraShareInfo[]> | undefined;

  constructor(registry: DeviceRegistry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** By name. */
  list(): Promise<CameraShareInfo[]> {
    this.#pass ??= this.#count().finally(() => {
      this.#pass = undefined;
    });
    return this.#pass;
  }

  async #count(): Promise<CameraShareInfo[]> {
    const sums = new Map<string, Counts>();
    const owners = await shareOwnersInTurns(this.#registry, this.#clock, (device) => {
      for (const { of, slot, ...counts } of this.#sharesOf(device)) {
        const key = keyOf(of, slot);
        sums.set(key, added(sums.get(key) ?? none, counts));
      }
    });
    const asked = new Map<string, ShareOwner[]>();
    for (const owner of owners) {
      const key = keyOf(owner.choice.share.of, owner.slot);
      const same = asked.get(key);
      if (same === undefined) asked.set(key, [owner]);
      else same.push(owner);
    }
    return [...asked.keys()].sort().map((key): CameraShareInfo => {
      const [of, slot] = JSON.parse(key) as [string, string];
      return { of, slot, ...(sums.get(key) ?? none), asked: (asked.get(key) ?? []).map(askedOf) };
    });
  }

  #sharesOf(device: Device): readonly OfShare[] {
    const groups = this.#registry.groupsOf(device);
    const from = [device.birth, device.reported, device.settings, ...groups.map(({ settings }) => settings)];
    const kept = this.#kept.get(device);
    if (kept !== undefined && isSame(kept.from, from)) return kept.shares;
    const shares = this.#countsOf(device);
    this.#kept.set(device, { from, shares });
    return shares;
  }

  #countsOf(device: Device): OfShare[] {
    const { slots = {} } = settingsOf(device, this.#registry);
    return Object.entries(slots).flatMap(([slot, { share }]) =>
      share === undefined
        ? []
        : [{ of: share.of, slot, ...countsOf(camerasOf(device, this.#registry, share.of, slot)) }],
    );
  }
}

const none: Counts = { a: 0, b: 0, waits: 0 };

export function countsOf(cameras: readonly DividedCamera[]): Counts {
  const count = (side: DividedCamera['side']) => cameras.filter((one) => one.side === side).length;
  return { a: count('A'), b: count('B'), waits: count('waits') };
}

function added(one: Counts, other: Counts): Counts {
  return { a: one.a + other.a, b: one.b + other.b, waits: one.waits + other.waits };
}

function keyOf(of: string, slot: string): string {
  return JSON.stringify([of, slot]);
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
