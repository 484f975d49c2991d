import { deviceMetrics } from '../../protocol/index.ts';
import type { InstrumentRegistry } from '../../telemetry/index.ts';
import type { TargetHost, TegraReadings } from '../ports.ts';

/** `promises`: those too, which change with the settings alone. */
export function sampleTargets(registry: InstrumentRegistry, targets: TargetHost, promises: boolean): void {
  const { level, steps } = targets.ladder;
  if (steps > 0) registry.gauge(deviceMetrics.ladderLevel).set(level);
  for (const reading of targets.readings()) {
    const { camera, targetFps, maxLatencyMs, kept, keptSeconds, missedSeconds } = reading;
    const labels = { camera };
    if (kept !== undefined) registry.gauge(deviceMetrics.targetKept, labels).set(kept ? 1 : 0);
    if (keptSeconds > 0) registry.counter(deviceMetrics.targetKeptSeconds, labels).raiseTo(keptSeconds);
    for (const { reason, seconds } of missedSeconds)
      registry.counter(deviceMetrics.targetMissedSeconds, { ...labels, reason }).raiseTo(seconds);
    if (!promises) continue;
    if (targetFps !== undefined) registry.gauge(deviceMetrics.targetFps, labels).set(targetFps);
    if (maxLatencyMs !== undefined)
      registry.gauge(deviceMetrics.targetLatency, labels).set(maxLatencyMs / 1000);
  }
}

export function sampleTegra(registry: InstrumentRegistry, tegra: TegraReadings): void {
  const gauges = [
    [deviceMetrics.gpuLoad, tegra.gpuLoad],
    [deviceMetrics.gpuClock, tegra.gpuHz],
    [deviceMetrics.cpuClock, tegra.cpuHz],
    [deviceMetrics.memoryClock, tegra.memoryHz],
    [deviceMetrics.memoryLoad, tegra.memoryLoad],
    [deviceMetrics.clocksPinned, tegra.clocksPinned === undefined ? undefined : Number(tegra.clocksPinned)],
  ] as const;
  for (const [metric, value] of gauges) if (value !== undefined) registry.gauge(metric).set(value);
  for (const { kind, count } of tegra.overcurrent)
    registry.counter(deviceMetrics.overcurrent, { kind }).raiseTo(count);
}
