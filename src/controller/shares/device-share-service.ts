import type { DeviceShareInfo, DeviceShareReport, DeviceSide, DividedDevice } from '../../api/index.ts';
import { type Clock, defined, MissingError, stepsInTurns } from '../../base/index.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { placeInShare } from '../fleet/share.ts';
import { EvidenceReader } from '../rollouts/evidence/index.ts';
import { resultOf } from '../rollouts/gate-decision.ts';
import { type GateSpec, gateSteps } from '../rollouts/gates/index.ts';
import type { Rollout } from '../rollouts/rollout.ts';
import type { Store } from '../store/store.ts';
import { armsOf, treatedOf } from './device-arms.ts';
import { comparedSides, type Divided, divideDevices, inOrder, type Side } from './device-sides.ts';

export interface DeviceSharePorts {
  readonly registry: DeviceRegistry;
  readonly store: Store;
  readonly clock: Clock;
  readonly rollouts: () => Iterable<Rollout>;
}

const mostDevices = 1000;
/** What is listed may be so old where nothing of the rollouts themselves has changed. */
const keptMs = 5_000;
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

/** Two versions at once on devices: rollouts whose targets are shares of one name, or other values of the same labels. */
export class DeviceShareService {
  readonly #ports: DeviceSharePorts;
  readonly #evidence: EvidenceReader;
  #last:
    | { readonly atMs: number; readonly rollouts: readonly Rollout[]; readonly pass: Promise<Divided[]> }
    | undefined;

  constructor(ports: DeviceSharePorts) {
    this.#ports = ports;
    this.#evidence = new EvidenceReader(ports);
  }

  /** Asked for by every dashboard all the time, and it looks at every device of every rollout: one pass for all of them. */
  async list(): Promise<{ shares: DeviceShareInfo[] }> {
    return { shares: (await this.#divided()).map(infoOf) };
  }

  /** MissingError `share-unknown`. */
  async report(of: string, slot?: string): Promise<DeviceShareReport> {
    const all = await this.#divided();
    const found = all.find((one) => one.of === of && (slot ?? one.slot) === one.slot);
    if (found === undefined)
      throw new MissingError(
        'share-unknown',
        `No rollouts divide devices as ${of}.`,
        'Policies with target.share of that name do, or those of one model whose labels have other values.',
      );
    const { registry } = this.#ports;
    const devices = found.sides.flatMap(({ rollout, devices }) =>
      devices.map(({ device, state }): DividedDevice => {
        const model = registry.get(device)?.reported?.slots[found.slot]?.loaded;
        return {
          ...{ device, state, rollout: rollout.name, why: whyOf(rollout, device) },
          ...(model === undefined ? {} : { model: `${model.name} ${model.version}` }),
        };
      }),
    );
    devices.sort((a, b) => (a.device < b.device ? -1 : 1));
    return {
      ...{ ...infoOf(found), devices: devices.slice(0, mostDevices) },
      ...(await this.#compare(comparedSides(found.sides))),
    };
  }

  async #compare(
    sides: readonly [Side, Side] | undefined,
  ): Promise<Pick<DeviceShareReport, 'compared' | 'comparison'>> {
    if (sides === undefined) return {};
    const [a, b] = sides;
    const treated = treatedOf(b);
    const devices = armsOf(a, treated, await this.#evidence.comparable(treated));
    if (new Set(devices.map(({ arm }) => arm)).size < 2) return {};
    const { clock } = this.#ports;
    const evidence = await this.#evidence.read({ devices, look: { number: 1, of: 1 } });
    const verdict = await stepsInTurns(clock, gateSteps({ ...gate, comparison: 'control' }, evidence));
    const words = ({ rollout: { name, model } }: Side) => `${model.name} ${model.version} (${name})`;
    return { compared: `${words(b)} against ${words(a)}`, comparison: resultOf(verdict, 0, clock.wallMs()) };
  }

  /** The same pass for all who ask while nothing of the rollouts has changed, for some seconds: orders by hand change it too. */
  #divided(): Promise<Divided[]> {
    const { registry, clock } = this.#ports;
    const rollouts = [...this.#ports.rollouts()];
    const nowMs = clock.monotonicMs();
    const last = this.#last;
    if (last !== undefined && nowMs - last.atMs < keptMs && sameItems(last.rollouts, rollouts))
      return last.pass;
    const orderOf = (id: string, slot: string) => registry.get(id)?.settings.slots?.[slot]?.model.order;
    const pass = stepsInTurns(clock, divideDevices(rollouts, orderOf));
    this.#last = { atMs: nowMs, rollouts, pass };
    return pass;
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

function infoOf({ by, of, slot, sides }: Divided): DeviceShareInfo {
  return { by, of, slot, sides: inOrder(sides).map(sideInfo) };
}

function sideInfo({ rollout: { id, name, state, model, policy }, devices }: Side): DeviceSide {
  const { share, labels } = policy.target;
  return {
    ...{ rollout: id, name, state, model, devices: devices.length },
    run: devices.filter((one) => one.state === 'committed').length,
    ...(share === undefined ? {} : { fromPercent: share.fromPercent ?? 0, toPercent: share.toPercent }),
    ...defined({ labels }),
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
