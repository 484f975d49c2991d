import type { DeviceShareInfo, DeviceShareReport, DeviceSide, DividedDevice } from '../../api/index.ts';
import { type Clock, MissingError, stepsInTurns } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { placeInShare } from '../fleet/share.ts';
import { EvidenceReader, type WaveDevice } from '../rollouts/evidence/index.ts';
import { resultOf } from '../rollouts/gate-decision.ts';
import { type GateSpec, gateSteps } from '../rollouts/gates/index.ts';
import type { Rollout } from '../rollouts/rollout.ts';
import type { Store } from '../store/store.ts';

export interface DeviceSharePorts {
  readonly registry: DeviceRegistry;
  readonly store: Store;
  readonly clock: Clock;
  readonly rollouts: () => Iterable<Rollout>;
}

const mostDevices = 1000;
/** What has ended otherwise than well divides nothing. */
const dividing: ReadonlySet<string> = new Set([
  'waiting-for-approval',
  'running',
  'soaking',
  'paused',
  'finished',
]);
const gate: GateSpec = {
  metrics: [
    { metric: 'detections' },
    { metric: 'class-mix' },
    { metric: 'score' },
    { metric: 'frame-rate' },
    { metric: 'latency' },
    { metric: 'drift' },
  ],
};

interface Divided {
  readonly by: 'share' | 'labels';
  readonly of: string;
  readonly slot: string;
  readonly rollouts: readonly Rollout[];
}

/** Two versions at once on devices: rollouts whose targets are shares of one name, or other values of the same labels. */
export class DeviceShareService {
  readonly #ports: DeviceSharePorts;
  readonly #evidence: EvidenceReader;

  constructor(ports: DeviceSharePorts) {
    this.#ports = ports;
    this.#evidence = new EvidenceReader(ports);
  }

  list(): { shares: DeviceShareInfo[] } {
    return { shares: this.#divided().map((one) => this.#infoOf(one)) };
  }

  /** MissingError `share-unknown`. */
  async report(of: string, slot?: string): Promise<DeviceShareReport> {
    const found = this.#divided().find((one) => one.of === of && (slot ?? one.slot) === one.slot);
    if (found === undefined)
      throw new MissingError(
        'share-unknown',
        `No rollouts divide devices as ${of}.`,
        'Policies with target.share of that name do, or those of one model whose labels have other values.',
      );
    const { registry } = this.#ports;
    const devices = found.rollouts.flatMap((rollout) =>
      [...rollout.devices.values()].map(({ device, state }): DividedDevice => {
        const model = registry.get(device)?.reported?.models[0];
        return {
          ...{ device, state, rollout: rollout.name, why: whyOf(rollout, device) },
          ...(model === undefined ? {} : { model: `${model.name} ${model.version}` }),
        };
      }),
    );
    devices.sort((a, b) => (a.device < b.device ? -1 : 1));
    return {
      ...{ ...this.#infoOf(found), devices: devices.slice(0, mostDevices) },
      ...(await this.#compare(found.rollouts)),
    };
  }

  /** The newer version, by the order of the sides the second one, against the first. */
  async #compare([a, b]: readonly Rollout[]): Promise<Pick<DeviceShareReport, 'compared' | 'comparison'>> {
    if (a === undefined || b === undefined || a.model.digest === b.model.digest) return {};
    const devices = [...sideOf(b, 'treated'), ...sideOf(a, 'control')];
    if (new Set(devices.map(({ arm }) => arm)).size < 2) return {};
    const { clock } = this.#ports;
    const evidence = await this.#evidence.read({ devices, look: { number: 1, of: 1 } });
    const verdict = await stepsInTurns(clock, gateSteps({ ...gate, comparison: 'control' }, evidence));
    const words = ({ name, model }: Rollout) => `${model.name} ${model.version} (${name})`;
    return { compared: `${words(b)} against ${words(a)}`, comparison: resultOf(verdict, 0, clock.wallMs()) };
  }

  #infoOf({ by, of, slot, rollouts }: Divided): DeviceShareInfo {
    return { by, of, slot, sides: rollouts.map(sideInfo) };
  }

  #divided(): Divided[] {
    const groups = new Map<string, Divided>();
    for (const rollout of this.#ports.rollouts()) {
      const key = keyOf(rollout);
      if (key === undefined || !dividing.has(rollout.state)) continue;
      const id = JSON.stringify(key);
      groups.set(id, { ...key, rollouts: [...(groups.get(id)?.rollouts ?? []), rollout] });
    }
    return [...groups.values()]
      .filter(({ by, rollouts }) => by === 'share' || versionsOf(rollouts) > 1)
      .map((one) => ({ ...one, rollouts: [...one.rollouts].reverse().sort(inOrder) }))
      .sort((a, b) => (a.of < b.of ? -1 : 1));
  }
}

/** Labels divide where several rollouts of one model name other values of the same keys. */
function keyOf({ policy, slot, model }: Rollout): Omit<Divided, 'rollouts'> | undefined {
  const { share, labels } = policy.target;
  if (share !== undefined) return { by: 'share', of: share.of, slot };
  if (labels === undefined || Object.keys(labels).length === 0) return undefined;
  return { by: 'labels', of: `${model.name} by ${Object.keys(labels).sort().join(', ')}`, slot };
}

function versionsOf(rollouts: readonly Rollout[]): number {
  return new Set(rollouts.map(({ model }) => model.digest)).size;
}

function inOrder(a: Rollout, b: Rollout): number {
  const from = (one: Rollout) => one.policy.target.share?.fromPercent ?? 0;
  return from(a) - from(b) || a.createdMs - b.createdMs;
}

function sideInfo({ id, name, state, model, policy, devices }: Rollout): DeviceSide {
  const { share, labels } = policy.target;
  const own = [...devices.values()].filter((one) => one.state !== 'left-out');
  return {
    ...{ rollout: id, name, state, model, devices: own.length },
    run: own.filter((one) => one.state === 'committed').length,
    ...(share === undefined ? {} : { fromPercent: share.fromPercent ?? 0, toPercent: share.toPercent }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function whyOf({ policy: { target } }: Rollout, device: string): string {
  const { share, labels = {} } = target;
  if (share === undefined)
    return Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ');
  const place = placeInShare(device, share.of).toFixed(1);
  return `${place} % is within ${share.fromPercent ?? 0} to ${share.toPercent} %`;
}

function sideOf({ devices, slot }: Rollout, arm: WaveDevice['arm']): WaveDevice[] {
  return [...devices.values()].flatMap(({ device, state, orderedMs, committedMs }): WaveDevice[] =>
    state === 'committed' && committedMs !== undefined
      ? [
          {
            ...{ device, arm, changedMs: committedMs },
            ...(orderedMs === undefined ? {} : { beforeMs: orderedMs }),
            ...(slot === mainSlot ? {} : { anySlot: true as const }),
          },
        ]
      : [],
  );
}
