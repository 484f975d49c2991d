import { agentSlot, mainSlot, metricNames } from '../../api/index.ts';
import type { DeviceDetail, LatestMetric, ReportedSlot, VersionPolicy } from '../api/types.ts';

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

/** How the version was chosen. */
export function policyWords(policy: VersionPolicy | undefined): string {
  if (policy === undefined || policy.follows === 'digest') return 'this version';
  const follows = policy.follows === 'latest' ? 'latest' : (policy.range ?? '');
  return policy.pinned === true ? `${follows}, pinned` : follows;
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
