import type { FleetProfile, FleetProfileQuery, ShadowAgreement, ShadowAnswer } from '../../api/index.ts';
import { type Clock, upperEdge } from '../../base/index.ts';
import { type CameraCounts, distances, noisyCounts, sumProfile } from '../../drift/index.ts';
import { metricNames } from '../../protocol/index.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import { EvidenceReader } from '../rollouts/evidence/index.ts';
import type { ShadowReport } from '../rollouts/gates/index.ts';
import type { Store } from '../store/store.ts';
import { countsOf } from './camera-counts.ts';
import { shadowSoFar } from './shadow-so-far.ts';

export interface ProfileServicePorts {
  readonly registry: DeviceRegistry;
  readonly store: Store;
  readonly clock: Clock;
  /** Numbers in [0, 1) that nobody can guess. */
  readonly uniform: () => number;
}

type Agreement = NonNullable<ShadowReport['total']>;

const hourMs = 3_600_000;
const usualHours = 24;
/** Up to so many hours are counted in steps as fine as devices send their classes. */
const fineHours = 6;
const fineStepMs = 300_000;
/** Each costs two queries. */
const mostDevices = 500;
const mostDistances = 100;

/** What all cameras of the fleet see, as counts; and how far a shadow agrees with what serves. */
export class ProfileService {
  readonly #ports: ProfileServicePorts;
  readonly #evidence: EvidenceReader;

  constructor(ports: ProfileServicePorts) {
    this.#ports = ports;
    this.#evidence = new EvidenceReader(ports);
  }

  async fleet(
    { group, hours = usualHours, epsilon }: FleetProfileQuery,
    view: FleetView = wholeFleet,
  ): Promise<FleetProfile> {
    const { registry } = this.#ports;
    const all = group === undefined ? [...registry.devices()].map(({ id }) => id) : registry.membersOf(group);
    const ids = all.filter(view.has);
    const cameras: CameraCounts[] = [];
    for (const id of ids.slice(0, mostDevices)) cameras.push(...(await this.#counts(id, hours)));
    const seen = cameras.filter(({ labels }) => Object.values(labels).some((count) => count > 0));
    const { labels, scores } = sumProfile(seen);
    const shown = (counts: Readonly<Record<string, number>>) =>
      epsilon === undefined ? { ...counts } : this.#noisy(counts, epsilon);
    const devices = new Set(seen.map(({ device }) => device)).size;
    return {
      ...{ devices, cameras: seen.length, labels: shown(labels) },
      scores: Object.entries(shown(scores))
        .map(([bucket, count]) => ({ upTo: upperEdge(Number(bucket)), count }))
        .sort((a, b) => a.upTo - b.upTo),
      distances: epsilon === undefined ? distances(seen).slice(0, mostDistances) : [],
      ...(epsilon === undefined ? {} : { noise: { epsilon, promise: promiseOf(epsilon) } }),
    };
  }

  /** MissingError `device-unknown`. */
  async shadow(id: string, slot: string, hours = usualHours): Promise<ShadowAnswer> {
    const device = this.#ports.registry.expect(id);
    const blocks = await this.#evidence.reportShadow([device.id], slot, hours);
    // Two blocks of five minutes must be over before their difference says anything.
    const isEarly = blocks.total === undefined && device.online;
    const { total, cameras } = isEarly ? shadowSoFar(device, slot) : blocks;
    return {
      ...(isEarly && total !== undefined ? { soFar: true } : {}),
      ...(total === undefined ? {} : { total: answerOf(total) }),
      cameras: cameras.map(({ agreement, ...about }) => ({ ...about, agreement: answerOf(agreement) })),
    };
  }

  async #counts(id: string, hours: number): Promise<CameraCounts[]> {
    const { store, clock } = this.#ports;
    const toMs = clock.wallMs();
    const fromMs = toMs - hours * hourMs;
    // The first step has no earlier count and is dropped: with hourly steps, one hour would have none.
    const stepMs = hours <= fineHours ? fineStepMs : hourMs;
    const range = { devices: [id], labels: {}, fromMs, toMs, stepMs };
    const classes = await store.metrics({ ...range, name: metricNames.classDetections });
    const scores = await store.metrics({ ...range, name: metricNames.detectionScore, buckets: true });
    const { startedMs } = this.#ports.registry.get(id)?.birth ?? {};
    const zeroMs = startedMs !== undefined && startedMs >= fromMs ? startedMs - stepMs : undefined;
    return countsOf(id, classes.series, scores.series, zeroMs);
  }

  #noisy(counts: Readonly<Record<string, number>>, epsilon: number): Record<string, number> {
    const entries = Object.entries(counts);
    // An object changes one class and one bucket: each of the two lists gets half.
    const noisy = noisyCounts(
      entries.map(([, count]) => count),
      epsilon / 2,
      1,
      this.#ports.uniform,
    );
    return Object.fromEntries(entries.map(([key], index) => [key, noisy[index]!]));
  }
}

function answerOf(agreement: Agreement): ShadowAgreement {
  const share = ({ value, interval }: Agreement['recall']) => ({
    value,
    ...(interval === undefined ? {} : { interval: [...interval] }),
  });
  const { frames, serveBoxes, shadowBoxes, disagreement, recall, precision, classFlips, boxes } = agreement;
  return {
    ...{ frames, serveBoxes, shadowBoxes, disagreement: share(disagreement), recall: share(recall) },
    ...{ precision: share(precision), classFlips: share(classFlips), boxes: share(boxes) },
  };
}

function promiseOf(epsilon: number): string {
  return `One detection more or less changes the chance of any answer by a factor of e^${epsilon} at most. It is one detection and not one person: a person in a hundred frames is a hundred detections. Repeated requests add up.`;
}
