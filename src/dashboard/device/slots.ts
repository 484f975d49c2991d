import { agentSlot, mainSlot, metricNames, pinnedOrder, policyWords } from '../../api/index.ts';
import { call } from '../api/client.ts';
import type { DeviceDetail, LatestMetric, ModelChoice, ReportedSlot } from '../api/types.ts';
import { personOf } from '../drift/actor.ts';

/** One slot as the page shows it: what is wanted beside what is so. */
export interface SlotRow {
  readonly slot: string;
  /** `plate 1.2.0`; absent where nobody wants anything, as of a model that came with the device. */
  readonly wanted: string | undefined;
  readonly policy: string;
  /** Name and version of what runs. */
  readonly loaded: string | undefined;
  readonly reported: ReportedSlot | undefined;
  /** The fleet does not want it any more, and it still runs. */
  readonly leaving: boolean;
}

/** `main` first; none where there is `main` alone and nothing more to say of it. */
export function slotRows({ desired, reported }: DeviceDetail): SlotRow[] {
  const there = reported?.slots ?? {};
  const wanted = desired?.slots ?? {};
  const names = [...new Set([mainSlot, ...Object.keys(wanted), ...Object.keys(there)])];
  if (names.length === 1 && wanted[mainSlot]?.model.policy === undefined) return [];
  return names.map((slot) => {
    const model = wanted[slot]?.model;
    const loaded = there[slot]?.loaded;
    return {
      slot,
      wanted: model && `${model.name} ${model.version}`,
      policy: policyWords(model?.policy),
      loaded: loaded && `${loaded.name} ${loaded.version}`,
      reported: there[slot],
      leaving: slot !== mainSlot && slot !== agentSlot && model === undefined,
    };
  });
}

/** The order for one slot: whose it is, and what it waits for. */
export interface SlotOrders {
  readonly device: string;
  readonly slot: string;
  readonly model: ModelName;
  /** What it is without its pin, in words; undefined: this version and no other. */
  readonly follows: string | undefined;
  readonly pinned: boolean;
  /** The device's own settings say it, and not a group. */
  readonly isOwn: boolean;
  readonly group: string | undefined;
  readonly by: string | undefined;
  readonly timeMs: number | undefined;
  readonly waits: NonNullable<ReportedSlot['deployment']['waits']> | undefined;
  readonly choice: Parameters<typeof pinnedOrder>[0];
}

type ModelName = Pick<ModelChoice, 'name' | 'version'>;

/** Undefined if it has no order. */
export function slotOrders(detail: DeviceDetail, slot: string): SlotOrders | undefined {
  const wanted = detail.desired?.slots?.[slot];
  if (wanted === undefined) return undefined;
  const { model } = wanted;
  const { by, timeMs, group } = detail.sources[slot] ?? {};
  const { deployment } = detail.reported?.slots[slot] ?? {};
  const { pinned = false, ...policy } = model.policy ?? { follows: 'digest' as const };
  return {
    ...{ device: detail.summary.id, slot, model, choice: wanted, pinned, group, by, timeMs },
    follows: policy.follows === 'digest' ? undefined : policyWords(policy),
    isOwn: detail.settings.slots?.[slot] !== undefined,
    waits: deployment?.state === 'ready' ? deployment.waits : undefined,
  };
}

/** `Pinned by ann`, `Ordered for the group gate by ann`. */
export function ordererWords({ pinned, isOwn, group, by }: SlotOrders): string {
  const person = by && personOf(by);
  const who =
    person &&
    (person === 'system' ? 'the controller, for its policy' : person.replace(/^rollout /, 'the rollout '));
  const what = isOwn
    ? pinned
      ? 'Pinned'
      : 'Ordered for this device'
    : `${pinned ? 'Pinned' : 'Ordered'} for the group ${group ?? ''}`;
  return who === undefined ? what : `${what} by ${who}`;
}

/** As `goshawk model pin` and `unpin`; a model that a group sets is pinned for this device alone. */
export async function pinSlot({ device, slot, choice }: SlotOrders, pinned: boolean): Promise<void> {
  const params = { id: device, slot };
  await call('PUT /devices/:id/slots/:slot', { params, body: pinnedOrder(choice, pinned) });
}

export async function removeSlot(device: string, slot: string): Promise<void> {
  await call('DELETE /devices/:id/slots/:slot', { params: { id: device, slot } });
}

export async function switchNow(device: string, slot: string, reason: string): Promise<void> {
  await call('POST /devices/:id/override-safety', { params: { id: device }, body: { slot, reason } });
}

/** How far a shadow agrees with what serves, on one camera. */
export interface AgreementRow {
  readonly slot: string;
  readonly camera: string;
  readonly frames: number;
  readonly disagreements: number;
  /** Shares, 0..1. */
  readonly precision: number;
  readonly recall: number;
  readonly classFlips: number;
  readonly scoreDifference: number;
}

/** A shadow that has seen no frame with its camera yet says nothing. */
export function agreementRows(metrics: readonly LatestMetric[]): AgreementRow[] {
  const of = (name: string, { camera, slot }: LatestMetric['labels']) =>
    metrics.find((one) => one.name === name && one.labels.camera === camera && one.labels.slot === slot)
      ?.value ?? 0;
  return metrics.flatMap(({ name, labels, value = 0 }) => {
    if (name !== metricNames.shadowFrames || value === 0) return [];
    return [
      {
        slot: labels.slot ?? '',
        camera: labels.camera ?? '',
        frames: value,
        disagreements: of(metricNames.shadowDisagreements, labels),
        precision: of(metricNames.shadowPrecision, labels),
        recall: of(metricNames.shadowRecall, labels),
        classFlips: of(metricNames.shadowClassFlips, labels),
        scoreDifference: of(metricNames.shadowScoreDifference, labels),
      },
    ];
  });
}
