import type { Registry } from 'prom-client';
import { controllerMetrics } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { Device, FleetController } from '../../controller/index.ts';
import { deploymentStates, metricNames } from '../../protocol/index.ts';
import { countBy } from './counted.ts';
import { shown } from './instruments.ts';

/** Devices that get labels of their own; beyond, a fleet belongs in roll-ups and not in Prometheus. */
const maxDevices = 2_000;
/** Cameras of them. */
const maxSeries = 8_000;

/** The last values of a device, under separate names: Prometheus may also read the agent, and must not add them twice. */
const copies = [
  [controllerMetrics.deviceFps, metricNames.fps],
  [controllerMetrics.deviceMemory, metricNames.memory],
  [controllerMetrics.deviceProcessed, metricNames.processed],
] as const;

export function registerDeviceMetrics(prometheus: Registry, registry: FleetController['registry']): void {
  for (const [row, name] of copies)
    shown(prometheus, row, (put) => {
      for (const { labels, value } of seriesOf(onlineOf(registry), name)) put(value, labels);
    });
  shown(prometheus, controllerMetrics.deployments, (put) => {
    const states = [...registry.devices()].flatMap(({ reported }) =>
      Object.values(reported?.slots ?? {}).map(({ deployment }) => deployment.state),
    );
    for (const [state, count] of countBy(deploymentStates, states)) put(count, { state });
  });
}

export function onlineOf(registry: FleetController['registry']): Device[] {
  const found: Device[] = [];
  for (const device of registry.devices()) {
    if (device.online) found.push(device);
    if (found.length >= maxDevices) break;
  }
  return found;
}

function seriesOf(devices: readonly Device[], name: string) {
  const found: { readonly labels: Record<string, string>; readonly value: number }[] = [];
  for (const device of devices)
    for (const { series, value } of device.latest.values()) {
      if (series.name !== name) continue;
      if (found.length >= maxSeries) return found;
      const { camera, model, version } = series.labels;
      found.push({ labels: { device: device.id, ...defined({ camera, model, version }) }, value });
    }
  return found;
}
