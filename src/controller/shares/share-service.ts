import type { CameraShareList, CameraShareReport, DividedCamera } from '../../api/index.ts';
import { type Clock, inTurns, stepsInTurns } from '../../base/index.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { EvidenceReader, type WaveDevice } from '../rollouts/evidence/index.ts';
import { resultOf } from '../rollouts/gate-decision.ts';
import { type GateSpec, gateSteps } from '../rollouts/gates/index.ts';
import type { Store } from '../store/store.ts';
import { askedOf, camerasOf, type ShareOwner, shareOwners } from './divided.ts';
import { onlySlot, shareUnknown } from './only-slot.ts';
import { servedSince } from './served-since.ts';
import { countsOf, ShareCounts } from './share-counts.ts';

export interface ShareServicePorts {
  readonly registry: DeviceRegistry;
  readonly store: Store;
  readonly clock: Clock;
}

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
  readonly #counts: ShareCounts;

  constructor(ports: ShareServicePorts) {
    this.#ports = ports;
    this.#evidence = new EvidenceReader(ports);
    this.#counts = new ShareCounts(ports.registry, ports.clock);
  }

  async list(): Promise<CameraShareList> {
    return { shares: await this.#counts.list() };
  }

  /** Without `slot` the only one that divides these cameras. MissingError `share-unknown`, InputError `share-slots`. */
  async report(of: string, slot?: string): Promise<CameraShareReport> {
    const chosen = slot ?? this.#slotOf(of);
    const cameras: DividedCamera[] = [];
    const devices: WaveDevice[] = [];
    const { registry } = this.#ports;
    for (const [device, own] of await this.#camerasInTurns(of, chosen)) {
      cameras.push(...own);
      const on = (side: DividedCamera['side']) => own.flatMap((one) => (one.side === side ? one.camera : []));
      const [a, b] = [on('A'), on('B')];
      const itself = { device: device.id, anySlot: true } as const;
      if (b.length > 0) {
        const { store, clock } = this.#ports;
        const about = { cameras: b, nowMs: clock.wallMs() };
        for (const since of await servedSince(store, device, chosen, about))
          devices.push({ ...itself, arm: 'treated', ...since });
      }
      if (a.length > 0) devices.push({ ...itself, arm: 'control', cameras: a });
    }
    if (cameras.length === 0) throw shareUnknown(of, chosen);
    return {
      ...{ of, slot: chosen, ...countsOf(cameras), cameras: cameras.slice(0, mostCameras) },
      asked: askedIn(shareOwners(registry), of, chosen),
      ...(devices.some(({ arm }) => arm === 'treated') ? { comparison: await this.#compare(devices) } : {}),
    };
  }

  /** Of the devices that have the share. */
  async #camerasInTurns(of: string, slot: string): Promise<[Device, DividedCamera[]][]> {
    const { registry, clock } = this.#ports;
    const found: [Device, DividedCamera[]][] = [];
    await inTurns(clock, registry.devices(), (device) => {
      const own = camerasOf(device, registry, of, slot);
      if (own.length > 0) found.push([device, own]);
    });
    return found;
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
    const owners = shareOwners(this.#ports.registry).filter(({ choice }) => choice.share.of === of);
    return onlySlot(of, owners);
  }
}

function askedIn(owners: readonly ShareOwner[], of: string, slot: string) {
  return owners.filter((one) => one.slot === slot && one.choice.share.of === of).map(askedOf);
}
