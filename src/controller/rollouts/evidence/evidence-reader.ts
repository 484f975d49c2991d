import type { FleetEvent, MetricSeries } from '../../../api/index.ts';
import { type Clock, defined, InputError, LimitError } from '../../../base/index.ts';
import { metricNames } from '../../../protocol/index.ts';
import type { DeviceRegistry } from '../../fleet/device-registry.ts';
import type { Store } from '../../store/store.ts';
import {
  type GateBlock,
  type GateEvidence,
  type GateLook,
  type GateSubject,
  reportShadow,
  type ShadowReport,
} from '../gates/index.ts';
import {
  cameraBlocks,
  cameraMetrics,
  type DeviceEvent,
  type DeviceSeries,
  deviceBlocks,
  deviceMetrics,
  partsOf,
} from './blocks.ts';
import { earliestMs, isBeforeGone, type Reach, rangeOf } from './evidence-range.ts';
import { evidenceSpans, type Range } from './evidence-spans.ts';
import { keptSince } from './kept-since.ts';
import { shadowSubjects } from './shadow-blocks.ts';
import { readShadow } from './shadow-sums.ts';
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
  /** Days before the change of a device: 7. */
  readonly historyDays?: number;
  /** A slot with the role shadow: its frames are compared with those of the model that serves. */
  readonly shadowSlot?: string;
}

export const usualBlockMinutes = 5;
export const usualHistoryDays = 7;
/** Of a side: reading a device costs a dozen queries, a camera and week a few MB, and of a large wave so many are enough for any gate. */
const mostDevices = 60;
const mostCameras = 60;
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
    const reach = await this.#reachOf(request, blockMinutes * 60_000);
    const subjects: GateSubject[] = [];
    for (const side of sidesOf(devices, reach)) {
      let cameras = 0;
      for (const one of side) {
        if (cameras >= mostCameras) break;
        const own = await this.#ofDevice(one, request, reach);
        subjects.push(...own);
        cameras += own.filter(({ camera }) => camera !== '').length;
      }
    }
    return { blockMinutes, look, subjects, nowMs: this.#ports.clock.wallMs() };
  }

  /** Those of which what was before their change is still kept. */
  async comparable(devices: readonly WaveDevice[]): Promise<WaveDevice[]> {
    const reach = await this.#reachOf({ devices }, usualBlockMinutes * 60_000);
    return devices.filter((one) => !isBeforeGone(one, reach));
  }

  /** For how long a device has counted its frames, as far back as a gate looks; holes in between are not looked for. */
  async historyMinutes(device: string): Promise<number> {
    const { store, clock } = this.#ports;
    const stepMs = 3 * usualBlockMinutes * 60_000;
    const toMs = floor(clock.wallMs() - this.#clockAhead(device), stepMs);
    const wanted = { fromMs: toMs - usualHistoryDays * dayMs, toMs, stepMs };
    const range = { fromMs: await keptSince(store, device, wanted), toMs };
    const series = await this.#series(device, metricNames.processed, range, stepMs);
    const firstMs = Math.min(...series.flatMap(({ timeMs }) => timeMs[0] ?? []));
    return Number.isFinite(firstMs) ? Math.max(0, (toMs - firstMs) / 60_000) : 0;
  }

  /** How far the shadow in a slot of these devices agrees with what serves there, over so many hours. */
  async reportShadow(devices: readonly string[], slot: string, hours: number): Promise<ShadowReport> {
    const blockMs = usualBlockMinutes * 60_000;
    const found = [];
    for (const device of devices.slice(0, mostDevices)) {
      const options = { blockMs, clockMs: this.#clockAhead(device) };
      const toMs = floor(this.#ports.clock.wallMs() - options.clockMs, blockMs);
      const wantedMs = toMs - Math.max(1, hours) * 3_600_000;
      const wanted = { fromMs: wantedMs, toMs, stepMs: blockMs };
      const range = { fromMs: await keptSince(this.#ports.store, device, wanted), toMs };
      const cameras = await readShadow(slot, options, (name) => this.#series(device, name, range, blockMs));
      found.push(...cameras.map((one) => ({ device, ...one })));
    }
    return reportShadow(found);
  }

  /** What is kept is the same of all devices, so one is asked. */
  async #reachOf(
    { devices, historyDays = usualHistoryDays }: Pick<EvidenceRequest, 'devices' | 'historyDays'>,
    stepMs: number,
  ): Promise<Reach> {
    const { clock, store } = this.#ports;
    const [nowMs, historyMs] = [clock.wallMs(), historyDays * dayMs];
    const [first] = devices;
    if (first === undefined) return { historyMs, nowMs, keptMs: undefined };
    const fromMs = floor(earliestMs(devices, nowMs, historyMs), stepMs);
    const keptMs = await keptSince(store, first.device, { fromMs, toMs: nowMs, stepMs });
    return { historyMs, nowMs, keptMs: keptMs > fromMs ? keptMs : undefined };
  }

  async #ofDevice(one: WaveDevice, request: EvidenceRequest, reach: Reach): Promise<GateSubject[]> {
    const { blockMinutes = usualBlockMinutes, shadowSlot, devices } = request;
    const blockMs = blockMinutes * 60_000;
    const anySlot = one.anySlot === true;
    const options = { blockMs, clockMs: this.#clockAhead(one.device), anySlot };
    const wanted = rangeOf(one, devices, reach);
    const byDevice = (timeMs: number) => timeMs - options.clockMs;
    // The block that still runs is no block. What is kept goes by the store's own time, whatever clock a device has.
    const keptMs = Math.ceil((reach.keptMs ?? 0) / blockMs) * blockMs;
    const toMs = floor(byDevice(wanted.range.toMs), blockMs);
    const fromMs = Math.min(toMs, Math.max(keptMs, floor(byDevice(wanted.range.fromMs), blockMs)));
    const range = { fromMs, toMs };
    const changedMs = wanted.changedMs === undefined ? undefined : byDevice(wanted.changedMs);
    const newest = Math.max(...devices.flatMap((other) => other.changedMs ?? []));
    if (shadowSlot !== undefined)
      return shadowSubjects(
        one,
        await readShadow(shadowSlot, options, (name) => this.#series(one.device, name, range, blockMs)),
      );
    const spans: { readonly span: Range; readonly series: DeviceSeries }[] = [];
    for (const span of evidenceSpans(range, changedMs, request.look, blockMs, byDevice(newest))) {
      const series = new Map<string, readonly MetricSeries[]>();
      for (const name of [...cameraMetrics, ...deviceMetrics])
        series.set(name, await this.#series(one.device, name, span, blockMs));
      spans.push({ span, series });
    }
    const about = {
      device: one.device,
      arm: one.arm,
      changedMs: one.changedMs,
      ...defined({ beforeMs: one.beforeMs }),
      ...(isBeforeGone(one, reach) ? { beforeGone: true as const } : {}),
      ...defined({ disturbedMs: one.disturbedMs }),
    };
    const cameras = one.cameras ?? [...new Set(spans.flatMap(({ series }) => camerasOf(series)))].sort();
    const events = {
      crashes: await this.#events(one.device, lossKinds, range.fromMs),
      disconnects: await this.#disconnects(one.device, range.fromMs, options.clockMs),
    };
    const blocks = (of: (series: DeviceSeries, span: Range) => GateBlock[]) =>
      spans.flatMap(({ series, span }, at) => {
        const found = of(series, span);
        // Of its first block a later span does not know how much was counted before.
        return at === 0 ? found : found.filter(({ startMs }) => startMs > span.fromMs + options.clockMs);
      });
    const all = spans.map(({ series }) => series);
    const parts = (camera: string) => partsOf(all, camera);
    return [
      ...cameras.map((camera) => ({
        ...{ ...about, camera },
        blocks: blocks((series) => cameraBlocks(series, camera, { ...options, parts: parts(camera) })),
      })),
      {
        ...{ ...about, camera: '' },
        blocks: blocks((series, { fromMs, toMs }) => {
          const within = ({ timeMs }: DeviceEvent) => timeMs >= fromMs && timeMs < toMs;
          const { crashes, disconnects } = events;
          const own = { crashes: crashes.filter(within), disconnects: disconnects.filter(within) };
          return deviceBlocks(series, own, options);
        }),
      },
    ];
  }

  async #series(
    device: string,
    name: string,
    range: Range,
    stepMs: number,
  ): Promise<readonly MetricSeries[]> {
    try {
      return await this.#ask(device, name, range, stepMs);
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
    }
    // Many cameras and classes: an answer has its limits, so it is a day at a time.
    const whole = new Map<string, MetricSeries>();
    for (let fromMs = range.fromMs; fromMs < range.toMs; fromMs += dayMs) {
      const toMs = Math.min(range.toMs, fromMs + dayMs);
      for (const part of await this.#ask(device, name, { fromMs, toMs }, stepMs)) append(whole, part);
    }
    return [...whole.values()];
  }

  async #ask(device: string, name: string, range: Range, stepMs: number): Promise<readonly MetricSeries[]> {
    const request = { devices: [device], name, labels: {}, ...range, stepMs };
    const answer = await this.#ports.store.metrics(request);
    // One that is coarser than blocks would be full of gaps.
    return answer.stepMs > stepMs ? [] : answer.series;
  }

  async #events(device: string, kinds: readonly string[], fromMs: number): Promise<FleetEvent[]> {
    const found: FleetEvent[] = [];
    for (const kind of kinds) {
      const { events } = await this.#ports.store.events({ device, kind, limit: mostEvents });
      found.push(...events.filter(({ timeMs }) => timeMs >= fromMs));
    }
    return found;
  }

  /** The controller saw them, by its own clock: no device can leave them out. One that says goodbye was not lost. */
  async #disconnects(device: string, fromMs: number, clockMs: number): Promise<DeviceEvent[]> {
    const found = await this.#events(device, ['device.offline'], fromMs + clockMs);
    return found
      .filter(({ data }) => data?.reason !== 'shutdown')
      .map(({ timeMs }) => ({ timeMs: timeMs - clockMs }));
  }

  /** How far the controller's clock is ahead of the device's; 0 where the device said nothing lately. */
  #clockAhead(device: string): number {
    const { registry, clock } = this.#ports;
    const originMs = registry.get(device)?.clockOriginMs;
    if (originMs === undefined) return 0;
    return Math.round(clock.wallMs() - clock.monotonicMs() - originMs);
  }
}

/** First those that can be compared. */
function sidesOf(devices: readonly WaveDevice[], reach: Reach): WaveDevice[][] {
  return (['treated', 'control'] as const).map((arm) => {
    const side = devices.filter((one) => one.arm === arm);
    const [known, gone] = [false, true].map((is) => side.filter((one) => isBeforeGone(one, reach) === is));
    return [...known!, ...gone!].slice(0, mostDevices);
  });
}

function floor(timeMs: number, stepMs: number): number {
  return Math.floor(timeMs / stepMs) * stepMs;
}

function camerasOf(series: ReadonlyMap<string, readonly MetricSeries[]>): string[] {
  return [...series.values()].flat().flatMap(({ labels }) => labels.camera ?? []);
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
