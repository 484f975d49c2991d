import { type Birth, type MetricsBatch, metricNames } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { birth } from '../../../fakes/test-fleet.ts';
import type { RolloutFleet } from './rollout-fleet.ts';

const blockMs = 300_000;
const names = [metricNames.processed, metricNames.detections, metricNames.classDetections] as const;
const [processed, detections, cars, persons] = [1, 2, 3, 4];
const catalogue: Birth['catalogue'] = [
  { alias: processed, name: names[0], unit: '1', kind: 'counter', labels: { camera: 'front' } },
  { alias: detections, name: names[1], unit: '1', kind: 'counter', labels: { camera: 'front' } },
  { alias: cars, name: names[2], unit: '1', kind: 'counter', labels: { camera: 'front', class: 'car' } },
  {
    alias: persons,
    name: names[2],
    unit: '1',
    kind: 'counter',
    labels: { camera: 'front', class: 'person' },
  },
];

/** Cameras of a fleet that count cars and persons in their frames; a model that is named blind finds no person. */
export class CountingCameras {
  readonly #fleet: RolloutFleet;
  readonly #ids: readonly string[];
  readonly #totals = new Map<string, [frames: number, cars: number, persons: number]>();
  #sequence = 0;
  #noise = 7;
  /** Digests of models that find no person. */
  readonly blind = new Set<string>();

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
      await this.#send(id, false, this.#count(id, this.#fleet.fleet.clock.wallMs()));
    await settle();
  }

  async #send(id: string, historical: boolean, samples: MetricsBatch['samples']): Promise<void> {
    this.#sequence += 1;
    const sequence = this.#sequence;
    await this.#fleet.fleet.metrics(id, { session: 1, sequence, entry: sequence, historical, samples });
    await settle();
  }

  #count(id: string, timeMs: number): MetricsBatch['samples'] {
    const totals = this.#totals.get(id) ?? [0, 0, 0];
    this.#totals.set(id, totals);
    const blind = this.blind.has(this.#fleet.running.get(id)?.digest ?? '');
    totals[0] += 3000;
    totals[1] += Math.round(6000 * this.#stir());
    totals[2] += blind ? 0 : Math.round(1500 * this.#stir());
    return [
      [timeMs, processed!, totals[0]],
      [timeMs, detections!, totals[1] + totals[2]],
      [timeMs, cars!, totals[1]],
      [timeMs, persons!, totals[2]],
    ];
  }

  /** About one: streets are never the same. */
  #stir(): number {
    this.#noise = (this.#noise * 16_807) % 2_147_483_647;
    return 0.9 + (0.2 * this.#noise) / 2_147_483_647;
  }
}
