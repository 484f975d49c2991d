import type { DeviceHealth, DeviceSummary } from '../../api/index.ts';
import { defined, ExponentialHistogram } from '../../base/index.ts';
import type { LoadedModel } from '../../protocol/index.ts';
import type { Device } from './device.ts';
import { deviceHealth } from './device-health.ts';
import { newestPerSource } from './latest.ts';

/** The device in one row. `nowMs` is monotonic. */
export function summaryOf(
  device: Device,
  groups: readonly string[],
  nowMs: number,
  wallMs: number,
): DeviceSummary {
  const { online, birth, reported } = device;
  const latency = online ? device.latency(nowMs) : new ExponentialHistogram();
  const toMs = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
  const vital = (name: Parameters<Device['vital']>[0]) => (online ? device.vital(name, nowMs) : undefined);
  return defined({
    id: device.id,
    online,
    health: healthOf(device, nowMs, wallMs),
    alerts: device.alerts,
    offlineReason: online ? undefined : device.offlineReason,
    lastSeenMs: device.lastSeenMs,
    sessionSinceMs: birth?.startedMs,
    reportsEverySeconds: birth?.reportsEverySeconds,
    groups: [...groups],
    board: birth?.board.name,
    agentVersion: birth?.agentVersion,
    cameras: birth?.cameras ?? [],
    fps: vital('fps'),
    latencyP50Ms: toMs(latency.quantile(0.5)),
    latencyP99Ms: toMs(latency.quantile(0.99)),
    slots: slotsOf(device),
    desiredGeneration: device.desired?.generation ?? 0,
    reportedGeneration: reported?.generation,
    temperatureC: vital('temperature'),
    powerW: vital('power'),
    memoryBytes: vital('memory'),
    warnings: device.warnings(wallMs),
  });
}

function slotsOf({ reported }: Device): DeviceSummary['slots'] {
  return Object.fromEntries(
    Object.entries(reported?.slots ?? {}).map(([slot, { loaded, deployment }]) => [
      slot,
      { deployment, ...defined({ loaded }) },
    ]),
  );
}

/** What runs in its slots. */
export function loadedModels({ reported }: Pick<Device, 'reported'>): LoadedModel[] {
  return Object.values(reported?.slots ?? {}).flatMap(({ loaded }) => loaded ?? []);
}

/** `nowMs` is monotonic. */
export function healthOf(device: Device, nowMs: number, wallMs: number): DeviceHealth {
  const fps = newestPerSource(device.fresh('fps', nowMs));
  const freeBytes = device.vital('diskFree', nowMs);
  const sizeBytes = device.vital('diskSize', nowMs);
  return deviceHealth({
    online: device.online,
    offlineReason: device.offlineReason,
    unjudged: [...device.unjudged.values()],
    cameras: device.birth?.cameras ?? [],
    reported: device.reported,
    desired: device.desired,
    wallMs,
    fps: new Map(fps.map(({ series, value }) => [series.labels.camera ?? '', value])),
    disk: freeBytes === undefined || sizeBytes === undefined ? undefined : { freeBytes, sizeBytes },
  });
}
