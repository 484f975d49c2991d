import type { ExperimentReport, ExperimentUnit, GateResult } from '../../../api/index.ts';
import { defined, inTurns, MissingError, stepsInTurns } from '../../../base/index.ts';
import { type FleetView, wholeFleet } from '../../fleet/fleet-view.ts';
import type { Store } from '../../store/store.ts';
import { EvidenceReader, type WaveDevice } from '../evidence/index.ts';
import { type FactsPorts, factsInTurns } from '../facts.ts';
import { resultOf } from '../gate-decision.ts';
import { gateDevices } from '../gate-devices.ts';
import { type GateEvidence, type GateSpec, gateSteps } from '../gates/index.ts';
import type { Rollout } from '../rollout.ts';
import type { RolloutTable } from '../rollout-table.ts';
import { type ArmPorts, cameraArms, unitFactsOf } from './arms.ts';
import { isByCamera, isComparison } from './stage.ts';
import { unitsOf } from './units.ts';

export interface ExperimentPorts extends ArmPorts, FactsPorts {
  readonly table: RolloutTable;
  readonly store: Store;
}

const mostUnits = 1000;
/** Where the policy names no gate. Drift is watched on the model of `main` alone, and would speak of one camera. */
const usualMetrics: GateSpec['metrics'] = [
  { metric: 'detections' },
  { metric: 'class-mix' },
  { metric: 'score' },
  { metric: 'frame-rate' },
  { metric: 'latency' },
];

/** Two versions at once: who has which, and how the second compares with the first until it is promoted. */
export class ExperimentService {
  readonly #ports: ExperimentPorts;
  readonly #evidence: EvidenceReader;

  constructor(ports: ExperimentPorts) {
    this.#ports = ports;
    this.#evidence = new EvidenceReader(ports);
  }

  /** MissingErrors `rollout-unknown`, `experiment-unknown`. */
  async report(idOrName: string, view: FleetView = wholeFleet): Promise<ExperimentReport> {
    const rollout = this.#ports.table.expectIn(view, idOrName);
    const { experiment } = rollout.policy;
    if (experiment === undefined)
      throw new MissingError(
        'experiment-unknown',
        `The rollout ${rollout.name} is not an experiment: its policy names none.`,
        'Give a policy experiment: { by: camera, percent: 50 } to have two versions at once.',
      );
    const units = await this.#units(rollout);
    const count = (arm: ExperimentUnit['arm']) => units.filter((one) => one.arm === arm).length;
    return {
      ...{ by: experiment.by, slot: rollout.slot, a: count('A'), b: count('B'), waits: count('waits') },
      units: units.slice(0, mostUnits),
      ...defined({ percent: experiment.percent, comparison: await this.#compare(rollout) }),
    };
  }

  async #units(rollout: Rollout): Promise<ExperimentUnit[]> {
    const { registry, clock } = this.#ports;
    const units: ExperimentUnit[] = [];
    await inTurns(clock, rollout.devices.values(), (record) => {
      const device = registry.get(record.device);
      if (device !== undefined) units.push(...unitsOf(rollout, record, unitFactsOf(device, registry)));
    });
    return units;
  }

  async #compare(rollout: Rollout): Promise<GateResult | undefined> {
    if (!isComparison(rollout)) return undefined;
    const { clock } = this.#ports;
    const devices = isByCamera(rollout)
      ? await cameraArms(rollout, this.#ports)
      : gateDevices(rollout, await factsInTurns(this.#ports, rollout.slot));
    if (!devices.some(({ arm }) => arm === 'treated')) return undefined;
    const evidence = await this.#read(rollout, devices);
    const metrics = rollout.policy.gate?.metrics ?? usualMetrics;
    const spec: GateSpec = { metrics, comparison: comparisonOf(evidence) };
    return resultOf(await stepsInTurns(clock, gateSteps(spec, evidence)), 0, clock.wallMs());
  }

  async #read(rollout: Rollout, devices: readonly WaveDevice[]): Promise<GateEvidence> {
    const evidence = await this.#evidence.read({ devices, look: { number: 1, of: 1 } });
    return isByCamera(rollout) ? ofCamerasAlone(evidence) : evidence;
  }
}

/** The cameras alone: values of a whole device cannot be divided between A and B. */
export function ofCamerasAlone(evidence: GateEvidence): GateEvidence {
  return { ...evidence, subjects: evidence.subjects.filter(({ camera }) => camera !== '') };
}

/** Where nobody has A, B is compared with what was before it. */
export function comparisonOf({ subjects }: GateEvidence): 'control' | 'before' {
  return subjects.some(({ arm }) => arm === 'control') ? 'control' : 'before';
}
