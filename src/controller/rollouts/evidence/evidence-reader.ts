import type { MetricSeries } from '../../../api/index.ts';
import { type Clock, InputError } from '../../../base/index.ts';
import type { DeviceRegistry } from '../../fleet/device-registry.ts';
import type { Store } from '../../store/store.ts';
import type { GateEvidence, GateLook, GateSubject } from '../gates/index.ts';
import { cameraBlocks, cameraMetrics, type DeviceEvent, deviceBlocks, deviceMetrics } from './blocks.ts';
import { shadowSubjects } from './shadow-blocks.ts';
import type { WaveDevice } from './wave-device.ts';

export interface EvidenceReaderPorts {
  readonly registry: DeviceRegistry;
  readonly store: Store;
  readonly clock: Clock;
}

export interface EvidenceRequest {
  readonly devices: readonly WaveDevice[];
  readonly look: GateLook;
  /** 5 and more: what a device counts by class it sends every five minutes. */
  readonly blockMinutes?: number;
  /** Days before the first change: 7. */
  readonly historyDays?: number;
  /** A slot with the role shadow: its frames are compared with those of the model that serves. */
  readonly shadowSlot?: string;
}

export const usualBlockMinutes = 5;
const usualHistoryDays = 7;
/** Reading a device costs a dozen queries for each day: of a large wave a part is enough for any gate. */
const mostDevices = 200;
const dayMs = 86_400_000;
const lossKinds = ['engine.crashed', 'engine.given-up', 'detector.stuck', 'detector.failing'] as const;
const mostEvents = 500;

/** Makes the evidence of a gate out of what the controller has stored of its devices. */
export class EvidenceReader {
  readonly #ports: EvidenceReaderPorts;

  constructor(ports: EvidenceReaderPorts) {
    this.#ports = ports;
  }

  async read(request: EvidenceRequest): Promise<GateEvidence> {
    const { devices, look, blockMinutes = usualBlockMinutes } = request;
    if (blockMinutes < usualBlockMinutes)
      throw new InputError(
        'gate-block-short',
        `A block of ${blockMinutes} min is shorter than what devices send.`,
        `Take blocks of ${usualBlockMinutes} minutes or longer.`,
      );
    const subjects: GateSubject[] = [];
    for (const one of takeBoth(devices)) subjects.push(...(await this.#ofDevice(one, request, blockMinutes)));
    return { blockMinutes, look, subjects, nowMs: this.#ports.clock.wallMs() };
  }

  async #ofDevice(one: WaveDevice, request: EvidenceRequest, blockMinutes: number): Promise<GateSubject[]> {
    const { clock } = this.#ports;
    const { historyDays = usualHistoryDays, shadowSlot } = request;
    const blockMs = blockMinutes * 60_000;
    const options = { blockMs, clockMs: this.#clockAhead(one.device) };
    const nowMs = clock.wallMs() - options.clockMs;
    const changed = request.devices.flatMap(({ changedMs }) => changedMs ?? []);
    const fromMs = Math.min(nowMs, ...changed) - historyDays * dayMs;
    // The block that still runs is no block.
    const range = { fromMs: floor(fromMs, blockMs), toMs: floor(nowMs, blockMs) };
    if (shadowSlot !== undefined)
      return shadowSubjects(one, shadowSlot, options, (name) =>
        this.#series(one.device, name, range, blockMs),
      );
    const series = new Map<string, readonly MetricSeries[]>();
    for (const name of [...cameraMetrics, ...deviceMetrics])
      series.set(name, await this.#series(one.device, name, range, blockMs));
    const about = {
      device: one.device,
      arm: one.arm,
      changedMs: one.changedMs,
      ...(one.disturbedMs === undefined ? {} : { disturbedMs: one.disturbedMs }),
    };
    const cameras = one.cameras ?? camerasOf(series);
    const crashes = await this.#losses(one.device, range.fromMs);
    return [
      ...cameras.map((camera) => ({ ...about, camera, blocks: cameraBlocks(series, camera, options) })),
      { ...about, camera: '', blocks: deviceBlocks(series, crashes, options) },
    ];
  }

  /** A day at a time, since an answer has its limits; each with the step before it, from which counters grow. */
  async #series(
    device: string,
    name: string,
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
    stepMs: number,
  ): Promise<MetricSeries[]> {
    const whole = new Map<string, MetricSeries>();
    for (let from = fromMs; from < toMs; from += dayMs) {
      const to = Math.min(toMs, from + dayMs);
      const request = { devices: [device], name, labels: {}, fromMs: from, toMs: to, stepMs };
      for (const part of (await this.#ports.store.metrics(request)).series) append(whole, part);
    }
    return [...whole.values()];
  }

  async #losses(device: string, fromMs: number): Promise<DeviceEvent[]> {
    const found: DeviceEvent[] = [];
    for (const kind of lossKinds) {
      const { events } = await this.#ports.store.events({ device, kind, limit: mostEvents });
      found.push(...events.filter(({ timeMs }) => timeMs >= fromMs));
    }
    return found;
  }

  /** How far the controller's clock is ahead of the device's; 0 where the device said nothing lately. */
  #clockAhead(device: string): number {
    const { registry, clock } = this.#ports;
    const originMs = registry.get(device)?.clockOriginMs;
    if (originMs === undefined) return 0;
    return Math.round(clock.wallMs() - clock.monotonicMs() - originMs);
  }
}

function takeBoth(devices: readonly WaveDevice[]): WaveDevice[] {
  return (['treated', 'control'] as const).flatMap((arm) =>
    devices.filter((one) => one.arm === arm).slice(0, mostDevices),
  );
}

function floor(timeMs: number, stepMs: number): number {
  return Math.floor(timeMs / stepMs) * stepMs;
}

function camerasOf(series: ReadonlyMap<string, readonly MetricSeries[]>): string[] {
  const all = [...series.values()].flat().flatMap(({ labels }) => labels.camera ?? []);
  return [...new Set(all)].sort();
}

/** Days in their order, put together into one series; a step that two days have is the later day's. */
function append(whole: Map<string, MetricSeries>, part: MetricSeries): void {
  const key = JSON.stringify(Object.entries(part.labels).sort());
  const known = whole.get(key);
  if (known === undefined) {
    whole.set(key, part);
    return;
  }
  const columns = (['avg', 'min', 'max', 'last', 'rate', 'p50', 'p95', 'p99'] as const).flatMap((name) => {
    const [a, b] = [known[name], part[name]];
    return a === undefined || b === undefined ? [] : [[name, [...a, ...b]] as const];
  });
  whole.set(key, {
    ...known,
    timeMs: [...known.timeMs, ...part.timeMs],
    count: [...known.count, ...part.count],
    ...Object.fromEntries(columns),
  });
}
