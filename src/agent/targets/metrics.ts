import { metricNames } from '../../protocol/index.ts';
import type { InstrumentRegistry } from '../../telemetry/index.ts';
import type { TargetHost, TegraReadings } from '../ports.ts';

/** `promises`: those too, which change with the settings alone. */
export function sampleTargets(registry: InstrumentRegistry, targets: TargetHost, promises: boolean): void {
  const { level, steps } = targets.ladder;
  if (steps > 0) registry.gauge(metricNames.ladderLevel, '1').set(level);
  for (const reading of targets.readings()) {
    const { camera, targetFps, maxLatencyMs, kept, keptSeconds, missedSeconds } = reading;
    const labels = { camera };
    if (kept !== undefined) registry.gauge(metricNames.targetKept, '1', labels).set(kept ? 1 : 0);
    if (keptSeconds > 0)
      registry.counter(metricNames.targetKeptSeconds, 'seconds', labels).raiseTo(keptSeconds);
    for (const { reason, seconds } of missedSeconds)
      registry.counter(metricNames.targetMissedSeconds, 'seconds', { ...labels, reason }).raiseTo(seconds);
    if (!promises) continue;
    if (targetFps !== undefined) registry.gauge(metricNames.targetFps, '1', labels).set(targetFps);
    if (maxLatencyMs !== undefined)
      registry.gauge(metricNames.targetLatency, 'seconds', labels).set(maxLatencyMs / 1000);
  }
}

export function sampleTegra(registry: InstrumentRegistry, tegra: TegraReadings): void {
  const gauges = [
    [metricNames.gpuLoad, '1', tegra.gpuLoad],
    [metricNames.gpuClock, 'hertz', tegra.gpuHz],
    [metricNames.cpuClock, 'hertz', tegra.cpuHz],
    [metricNames.memoryClock, 'hertz', tegra.memoryHz],
    [metricNames.memoryLoad, '1', tegra.memoryLoad],
    [
      metricNames.clocksPinned,
      '1',
      tegra.clocksPinned === undefined ? undefined : Number(tegra.clocksPinned),
    ],
  ] as const;
  for (const [name, unit, value] of gauges) if (value !== undefined) registry.gauge(name, unit).set(value);
  for (const { kind, count } of tegra.overcurrent)
    registry.counter(metricNames.overcurrent, '1', { kind }).raiseTo(count);
}
