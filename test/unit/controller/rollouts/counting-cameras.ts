import { type Birth, type MetricsBatch, metricNames } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { birth } from '../../../fakes/test-fleet.ts';
import type { RolloutFleet } from './rollout-fleet.ts';

const blockMs = 300_000;
const camera = 'front';

/** What a model does in the eyes of a street: all is well, no person, nothing at all, or no frame comes out of it. */
export type Sight = 'sees' | 'no-person' | 'nothing' | 'no-frame';

interface Totals {
  received: number;
  frames: number;
  cars: number;
  persons: number;
}

type Line = Birth['catalogue'][number];
const line = (alias: number, name: string, kind: Line['kind'], labels: Line['labels']): Line => ({
  ...{ alias, name, unit: '1', kind, labels: { camera, ...labels } },
});
const ofCamera = [
  line(1, metricNames.received, 'counter', {}),
  line(2, metricNames.classDetections, 'counter', { class: 'car' }),
  line(3, metricNames.classDetections, 'counter', { class: 'person' }),
];
/** As a device does it, each model has its own. */
const ofModel = (first: number, version: string) => {
  const labels = { model: 'street', version };
  return [
    line(first, metricNames.processed, 'counter', labels),
    line(first + 1, metricNames.detections, 'counter', labels),
    line(first + 2, metricNames.fps, 'gauge', labels),
  ];
};
const firstOf: Readonly<Record<string, number>> = { '1.0.0': 10, '2.0.0': 20 };
const catalogue: Birth['catalogue'] = [
  ...ofCamera,
  ...Object.entries(firstOf).flatMap(([version, first]) => ofModel(first, version)),
];

/** Cameras of a fleet that count cars and persons in their frames, and send what changed, as devices do. */
export class CountingCameras {
  readonly #fleet: RolloutFleet;
  readonly #ids: readonly string[];
  readonly #totals = new Map<string, Totals>();
  /** By device and alias: a counter that stands still is not sent again. */
  readonly #told = new Map<string, number>();
  #sequence = 0;
  #noise = 7;
  /** By digest; of others all is well. */
  readonly sights = new Map<string, Sight>();
  /** Devices whose camera gives nothing. */
  readonly dark = new Set<string>();
  /** Devices that send nothing. */
  readonly away = new Set<string>();

  constructor(fleet: RolloutFleet, ids: readonly string[]) {
    this.#fleet = fleet;
    this.#ids = ids;
  }

  /** Says what it counts, and what it counted in the days before now. */
  async begin(days: number): Promise<void> {
    const blocks = Math.round((days * 86_400_000) / blockMs);
    const nowMs = this.#fleet.fleet.clock.wallMs();
    for (const id of this.#ids) {
      await this.#fleet.fleet.birth(id, { ...birth, catalogue, session: 1, groups: [] });
      const samples = Array.from({ length: blocks }, (_, at) =>
        this.#count(id, nowMs - (blocks - at) * blockMs),
      );
      await this.#send(id, true, samples.flat());
    }
  }

  /** Five minutes later. */
  async block(): Promise<void> {
    await this.#fleet.minutes(5);
    for (const id of this.#ids)
      if (!this.away.has(id)) await this.#send(id, false, this.#count(id, this.#fleet.fleet.clock.wallMs()));
    await settle();
  }

  async #send(id: string, historical: boolean, samples: MetricsBatch['samples']): Promise<void> {
    this.#sequence += 1;
    const sequence = this.#sequence;
    await this.#fleet.fleet.metrics(id, { session: 1, sequence, entry: sequence, historical, samples });
    await settle();
  }

  #count(id: string, timeMs: number): MetricsBatch['samples'] {
    const totals = this.#totals.get(id) ?? { received: 0, frames: 0, cars: 0, persons: 0 };
    this.#totals.set(id, totals);
    const { digest = '', version = '' } = this.#fleet.running.get(id) ?? {};
    const sight = this.sights.get(digest) ?? 'sees';
    const given = this.dark.has(id) ? 0 : 3000;
    const frames = sight === 'no-frame' ? 0 : given;
    totals.received += given;
    totals.frames += frames;
    if (frames > 0 && sight !== 'nothing') {
      totals.cars += Math.round(6000 * this.#stir());
      if (sight === 'sees') totals.persons += Math.round(1500 * this.#stir());
    }
    const first = firstOf[version] ?? 10;
    const samples: MetricsBatch['samples'] = [[timeMs, first + 2, frames / 300]];
    for (const [alias, total] of [
      [1, totals.received],
      [2, totals.cars],
      [3, totals.persons],
      [first, totals.frames],
      [first + 1, totals.cars + totals.persons],
    ] as const) {
      const key = `${id} ${alias}`;
      if (this.#told.get(key) === total) continue;
      this.#told.set(key, total);
      samples.push([timeMs, alias, total]);
    }
    return samples;
  }

  /** About one: streets are never the same. */
  #stir(): number {
    this.#noise = (this.#noise * 16_807) % 2_147_483_647;
    return 0.9 + (0.2 * this.#noise) / 2_147_483_647;
  }
}
