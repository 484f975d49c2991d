import { MissingError } from '../../base/index.ts';
import type { FleetView } from '../fleet/fleet-view.ts';
import { mostGoneRollouts } from '../store/rollout-rows.ts';
import type { Change, StoredFleet } from '../store/store.ts';
import { type DeviceRecord, type Rollout, recordOf } from './rollout.ts';
import { rolloutIn, rolloutUnknown } from './rollout-view.ts';

/** Older ones that are over leave. */
export const mostRollouts = 200;

/** Rollouts in memory, as the database has them. */
export class RolloutTable {
  readonly #rollouts = new Map<string, Rollout>();
  /** Names of those that left, oldest first. */
  readonly #gone = new Set<string>();

  load(stored: StoredFleet['rollouts'], gone: StoredFleet['goneRollouts']): void {
    for (const name of gone) this.#gone.add(name);
    for (const { rollout, devices } of stored)
      this.#rollouts.set(rollout.id, {
        ...rollout,
        devices: new Map(devices.map((one) => [one.device, one])),
      });
  }

  /** Newest first. */
  all(): Rollout[] {
    return [...this.#rollouts.values()].reverse();
  }

  get(id: string): Rollout | undefined {
    return this.#rollouts.get(id);
  }

  /** By id, or the newest of a name. MissingError `rollout-unknown`, or `rollout-gone` for one that is no longer kept. */
  expect(idOrName: string): Rollout {
    const found = this.#rollouts.get(idOrName) ?? this.all().find(({ name }) => name === idOrName);
    if (found !== undefined) return found;
    if (this.#gone.has(idOrName))
      throw new MissingError(
        'rollout-gone',
        `The rollout ${idOrName} is over and no longer kept: ${mostRollouts} newer ones are.`,
        'The audit log says who made it. To do the same again, make one with another name.',
      );
    throw rolloutUnknown(idOrName);
  }

  /** The same among those of a view, as it shows them: of the others nobody hears that they are, or were. */
  expectIn(view: FleetView, idOrName: string): Rollout {
    if (view.scope === undefined) return this.expect(idOrName);
    const seen = this.all().flatMap((one) => rolloutIn(view, one) ?? []);
    const found = seen.find(({ id }) => id === idOrName) ?? seen.find(({ name }) => name === idOrName);
    if (found === undefined) throw rolloutUnknown(idOrName);
    return found;
  }

  set(rollout: Rollout): void {
    this.#rollouts.set(rollout.id, rollout);
  }

  delete({ id, name }: Rollout): void {
    this.#rollouts.delete(id);
    this.#gone.delete(name);
    this.#gone.add(name);
    for (const oldest of this.#gone) {
      if (this.#gone.size <= mostGoneRollouts) break;
      this.#gone.delete(oldest);
    }
  }

  /** The oldest that are over, of what is too much. */
  surplus(isOver: (rollout: Rollout) => boolean): Rollout[] {
    const many = this.#rollouts.size + 1 - mostRollouts;
    if (many <= 0) return [];
    return [...this.#rollouts.values()].filter(isOver).slice(0, many);
  }
}

/** What the database has to be told; empty where nothing changed. */
export function changesBetween(before: Rollout | undefined, after: Rollout): Change[] {
  const devices: DeviceRecord[] = [...after.devices.values()].filter(
    (record) => before?.devices.get(record.device) !== record,
  );
  const changes: Change[] = [];
  if (before === undefined || !sameRecord(before, after))
    changes.push({ kind: 'rollout', rollout: recordOf(after) });
  if (devices.length > 0) changes.push({ kind: 'rollout-devices', rollout: after.id, devices });
  return changes;
}

function sameRecord(a: Rollout, b: Rollout): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Rollout>;
  keys.delete('devices');
  return [...keys].every((key) => a[key] === b[key]);
}
