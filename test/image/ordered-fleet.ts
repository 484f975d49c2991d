import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from './fleet.ts';
import type { FleetKeys } from './fleet-keys.ts';
import { until } from './guest.ts';
import { type Change, makeSystem } from './systems.ts';

export const systemName = 'goshawk-generic-amd64';

export interface Slot {
  readonly loaded?: { readonly version: string };
  readonly deployment: { readonly state: string; readonly reason?: string };
}

export interface Wave {
  readonly devices: number;
  readonly startedMs?: number;
}

/** What an operator does to bring systems to boards, and what the fleet knows of it. */
export class OrderedFleet {
  readonly #place: string;
  readonly #fleet: Fleet;
  readonly #keys: FleetKeys;

  constructor(place: string, fleet: Fleet, keys: FleetKeys) {
    this.#place = place;
    this.#fleet = fleet;
    this.#keys = keys;
  }

  /** Every device runs this version, and its last order has come to an end. The first one's slot. */
  runs(version: string, devices = 1): Promise<Slot> {
    return until(`the fleet knows that ${version} runs on ${devices}`, 300_000, async () => {
      const known = await this.#fleet.devices();
      if (known.length !== devices || known.some(({ online }) => !online)) return undefined;
      const slots = await Promise.all(known.map(({ id }) => this.#slotOf(id)));
      const isSettled = (slot: Slot | undefined) =>
        slot?.loaded?.version === version &&
        !['probation', 'swapping', 'rolling-back'].includes(slot.deployment.state);
      return slots.every(isSettled) ? slots[0] : undefined;
    });
  }

  async #slotOf(id: string): Promise<Slot | undefined> {
    const { reported } = await this.#fleet.ask<{ reported?: { slots?: { agent?: Slot } } }>(`devices/${id}`);
    return reported?.slots?.agent;
  }

  /** What came of it, and after how many seconds. */
  async rollOut(
    version: string,
    more: object = {},
  ): Promise<{ readonly said: string; readonly seconds: number }> {
    const began = performance.now();
    const file = join(this.#place, 'policy.json');
    const model = { name: systemName, version };
    writeFileSync(file, JSON.stringify({ model, slot: 'agent', target: { all: true }, ...more }));
    this.#fleet.goshawk('rollout', 'create', `to-${version}`, '-f', file);
    const said = await this.#fleet.says('rollout', 'wait', `to-${version}`, '--timeout', '1800s');
    return { said, seconds: Math.round((performance.now() - began) / 1000) };
  }

  async waves(version: string): Promise<readonly Wave[]> {
    type Answer = { rollouts: readonly { readonly name: string; readonly waves: readonly Wave[] }[] };
    const { rollouts } = await this.#fleet.ask<Answer>('rollouts');
    return rollouts.find(({ name }) => name === `to-${version}`)?.waves ?? [];
  }

  /** A system of another version, as a signed release that the controller has. */
  released(version: string, change?: Change): void {
    const bundle = makeSystem(join(this.#place, 'systems'), version, change);
    const release = join(this.#place, 'release');
    this.#fleet.goshawk('release', 'create', bundle, '--out', release, '--replace');
    rmSync(bundle);
    this.#keys.sign(release, 2);
    this.#fleet.goshawk('model', 'push', release);
  }
}
