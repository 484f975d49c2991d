import type { ModelChoice, RolloutPolicy } from '../../api/index.ts';
import { type Clock, stepsInTurns } from '../../base/index.ts';
import { isCameraInShare } from '../desired/camera-shares.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { selects } from '../fleet/selector.ts';
import type { EvidenceReader } from './evidence/index.ts';
import { isByCamera, shareOf } from './experiment/stage.ts';
import { blockMinutesOf } from './gate-blocks.ts';
import { type PlannedDevice, planSteps } from './gates/index.ts';
import { looksOf, sayLooks } from './looks.ts';
import type { PlannedWave } from './waves.ts';
import type { DeviceFacts } from './world.ts';

export interface GatePreviewPorts {
  readonly registry: DeviceRegistry;
  readonly evidence: Pick<EvidenceReader, 'historyMinutes'>;
  readonly clock: Clock;
}

export interface PreviewedRollout {
  readonly name: string;
  readonly policy: RolloutPolicy;
  readonly model: ModelChoice;
  readonly waves: readonly PlannedWave[];
  readonly facts: ReadonlyMap<string, DeviceFacts>;
}

export interface PreviewedGate {
  readonly says: string[];
  /** Of those the waves whose gate can't decide. */
  readonly undecided: string[];
  /** Of every wave with it the gate decides, where a longer soak is all that is missing. */
  readonly shortestSoakMinutes?: number;
}

/** What the gate of a rollout will be able to see and to decide, wave by wave, before it begins. */
export class GatePreview {
  readonly #ports: GatePreviewPorts;

  constructor(ports: GatePreviewPorts) {
    this.#ports = ports;
  }

  async of({ name: rollout, policy, model, waves, facts }: PreviewedRollout): Promise<PreviewedGate> {
    const { gate } = policy;
    if (gate === undefined)
      return { says: ['No gate: waves are decided by whether devices commit.'], undecided: [] };
    const { registry, clock } = this.#ports;
    const says: string[] = [];
    const undecided: string[] = [];
    const enough: (number | undefined)[] = [];
    const history = new Map<string, number>();
    for (const [at, { name, devices: ids, soakMinutes }] of waves.entries()) {
      if (soakMinutes === 0) continue;
      const controls =
        gate.comparison === undefined || gate.comparison === 'control' ? [...facts.values()] : [];
      const touched = new Set(waves.slice(0, at + 1).flatMap((wave) => wave.devices));
      const later = new Set(waves.slice(at + 1).flatMap((wave) => wave.devices));
      const divides = isByCamera({ policy, wave: at });
      const others = controls
        .filter((one) => (gate.control === undefined ? later.has(one.id) : selects(gate.control, one)))
        .filter(({ id, online, loaded }) => online && !touched.has(id) && loaded?.digest !== model.digest)
        .map(({ id }) => id);
      const control = divides ? ids : others;
      const share = shareOf({ name: rollout, policy });
      // By camera both versions stand on the same devices.
      const counted = (isB: boolean) => (id: string) => {
        const { cameras = [] } = registry.get(id)?.birth ?? {};
        const own = cameras.filter((camera) => !divides || isCameraInShare(id, camera, share) === isB);
        return own.length;
      };
      const devices = [
        ...(await this.#planned(ids, 'treated', history, counted(true))),
        ...(await this.#planned(control, 'control', history, counted(false))),
      ].filter(({ cameras }) => !divides || cameras > 0);
      const count = (arm: PlannedDevice['arm']) =>
        devices.reduce((sum, one) => sum + (one.arm === arm ? one.cameras : 0), 0);
      const blockMinutes = blockMinutesOf(registry, [...ids, ...control]);
      const fleet = {
        ...{ cameras: count('treated'), controls: count('control'), devices },
        ...{ blockMinutes, soakMinutes, looks: looksOf({ gate }, soakMinutes) },
      };
      const spec = { ...gate, waves: waves.length, guarded: true };
      const plan = await stepsInTurns(clock, planSteps(spec, fleet));
      says.push(...[sayLooks(gate, soakMinutes), ...plan.says].map((words) => `${name}: ${words}`));
      const open = plan.metrics.filter((metric) => metric.undecided !== undefined);
      undecided.push(...new Set(open.map((metric) => `${name}: ${metric.says}`)));
      enough.push(...open.map(({ decidesAfter }) => decidesAfter));
    }
    const known = enough.filter((minutes) => minutes !== undefined);
    const helps = known.length > 0 && known.length === enough.length;
    return { says, undecided, ...(helps ? { shortestSoakMinutes: Math.max(...known) } : {}) };
  }

  async #planned(
    ids: readonly string[],
    arm: PlannedDevice['arm'],
    history: Map<string, number>,
    camerasOf: (device: string) => number,
  ): Promise<PlannedDevice[]> {
    const { evidence } = this.#ports;
    const planned: PlannedDevice[] = [];
    for (const device of ids) {
      let historyMinutes = history.get(device);
      // A gate reads no more of a side.
      if (historyMinutes === undefined && planned.length < 60)
        historyMinutes = await evidence.historyMinutes(device);
      history.set(device, historyMinutes ?? 0);
      planned.push({ device, arm, cameras: camerasOf(device), historyMinutes: historyMinutes ?? 0 });
    }
    return planned;
  }
}
