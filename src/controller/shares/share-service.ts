import type { CameraShareReport, DividedCamera } from '../../api/index.ts';
import { type Clock, InputError, MissingError, stepsInTurns } from '../../base/index.ts';
import { metricNames } from '../../protocol/index.ts';
import { dividedCameras } from '../desired/camera-shares.ts';
import { mergeSettings } from '../desired/desired-state.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { EvidenceReader, type WaveDevice } from '../rollouts/evidence/index.ts';
import { resultOf } from '../rollouts/gate-decision.ts';
import { type GateSpec, gateSteps } from '../rollouts/gates/index.ts';
import type { Store } from '../store/store.ts';

export interface ShareServicePorts {
  readonly registry: DeviceRegistry;
  readonly store: Store;
  readonly clock: Clock;
}

const blockMs = 300_000;
const historyMs = 7 * 86_400_000;
const mostCameras = 1000;
/** Drift is watched on the model of `main` alone, and would speak of one side. */
const gate: GateSpec = {
  metrics: [
    { metric: 'detections' },
    { metric: 'class-mix' },
    { metric: 'score' },
    { metric: 'frame-rate' },
    { metric: 'latency' },
  ],
};

/** Two versions at once by shares of cameras: who has which, and how they compare. */
export class ShareService {
  readonly #ports: ShareServicePorts;
  readonly #evidence: EvidenceReader;

  constructor(ports: ShareServicePorts) {
    this.#ports = ports;
    this.#evidence = new EvidenceReader(ports);
  }

  /** Without `slot` the only one that divides these cameras. MissingError `share-unknown`, InputError `share-slots`. */
  async report(of: string, slot?: string): Promise<CameraShareReport> {
    const chosen = slot ?? this.#slotOf(of);
    const cameras: DividedCamera[] = [];
    const devices: WaveDevice[] = [];
    for (const device of this.#ports.registry.devices()) {
      const own = this.#camerasOf(device, of, chosen);
      cameras.push(...own);
      const on = (side: DividedCamera['side']) => own.flatMap((one) => (one.side === side ? one.camera : []));
      const [a, b] = [on('A'), on('B')];
      const about = { device: device.id, anySlot: true } as const;
      if (b.length > 0) {
        const changedMs = await this.#servedSinceMs(device, chosen);
        devices.push({ ...about, arm: 'treated', cameras: b, changedMs });
      }
      if (a.length > 0) devices.push({ ...about, arm: 'control', cameras: a });
    }
    if (cameras.length === 0) throw shareUnknown(of, chosen);
    const count = (side: DividedCamera['side']) => cameras.filter((one) => one.side === side).length;
    return {
      ...{ of, slot: chosen, a: count('A'), b: count('B'), cameras: cameras.slice(0, mostCameras) },
      ...(devices.some(({ arm }) => arm === 'treated') ? { comparison: await this.#compare(devices) } : {}),
    };
  }

  async #compare(devices: readonly WaveDevice[]): Promise<NonNullable<CameraShareReport['comparison']>> {
    const evidence = await this.#evidence.read({ devices, look: { number: 1, of: 1 } });
    // Of a device itself nothing is divided.
    const subjects = evidence.subjects.filter(({ camera }) => camera !== '');
    const control = subjects.some(({ arm }) => arm === 'control');
    const comparison = control ? 'control' : 'before';
    const { clock } = this.#ports;
    const steps = gateSteps({ ...gate, comparison }, { ...evidence, subjects });
    return resultOf(await stepsInTurns(clock, steps), 0, clock.wallMs());
  }

  #slotOf(of: string): string {
    const found = new Set<string>();
    for (const device of this.#ports.registry.devices())
      for (const [slot, { share }] of Object.entries(this.#settingsOf(device).slots ?? {}))
        if (share?.of === of) found.add(slot);
    const [only] = found;
    if (only === undefined) throw shareUnknown(of);
    if (found.size === 1) return only;
    throw new InputError(
      'share-slots',
      `${of} is divided by the slots ${[...found].sort().join(', ')}.`,
      'Say which one is to be compared with main: --slot.',
    );
  }

  /** Cameras in a share of the same `of` by another slot are neither A nor B. */
  #camerasOf(device: Device, of: string, slot: string): DividedCamera[] {
    const settings = this.#settingsOf(device);
    if (settings.slots?.[slot]?.share?.of !== of) return [];
    const divided = dividedCameras(settings, device);
    const served = device.reported?.slots?.[slot];
    const taken = new Set([...divided.values()].flat());
    const models = device.reported?.models ?? [];
    return (device.birth?.cameras ?? []).flatMap((camera): DividedCamera[] => {
      const hasGraph =
        (settings.pipelines?.[camera]?.nodes ?? settings.pipelines?.['*']?.nodes) !== undefined;
      if (hasGraph) return [];
      const about = { device: device.id, camera };
      if (divided.get(slot)?.includes(camera) === true) {
        if (served?.loaded === undefined || !served.cameras.includes(camera))
          return [{ ...about, side: 'waits' }];
        const model = models.find(({ digest }) => digest === served.loaded);
        return [
          {
            ...about,
            side: 'B',
            ...(model === undefined ? {} : { model: `${model.name} ${model.version}` }),
          },
        ];
      }
      if (taken.has(camera)) return [];
      const main = models.find(({ cameras }) => cameras.includes(camera)) ?? models[0];
      return [
        { ...about, side: 'A', ...(main === undefined ? {} : { model: `${main.name} ${main.version}` }) },
      ];
    });
  }

  /** When the version that runs in the slot began to serve: the first that it counted. */
  async #servedSinceMs({ id, reported }: Device, slot: string): Promise<number> {
    const { store, clock } = this.#ports;
    const toMs = clock.wallMs();
    const range = { fromMs: toMs - historyMs, toMs, stepMs: blockMs };
    const { series } = await store.metrics({
      devices: [id],
      name: metricNames.processed,
      labels: { slot },
      ...range,
    });
    const loaded = reported?.slots?.[slot]?.loaded;
    const version = reported?.models.find(({ digest }) => digest === loaded)?.version;
    const times = series
      .filter(({ labels }) => version === undefined || labels.version === version)
      .flatMap(({ timeMs }) => timeMs[0] ?? []);
    return Math.min(toMs, ...times);
  }

  #settingsOf(device: Device) {
    return mergeSettings(this.#ports.registry.groupsOf(device), device.settings);
  }
}

function shareUnknown(of: string, slot?: string): MissingError {
  return new MissingError(
    'share-unknown',
    `No slot${slot === undefined ? '' : ` ${slot}`} of the fleet divides cameras as ${of}.`,
    'goshawk fleet models set <model> --group <name> --slot <slot> --share 0-50 does.',
  );
}
