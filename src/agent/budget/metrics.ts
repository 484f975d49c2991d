import { deviceMetrics } from '../../protocol/index.ts';
import type { InstrumentRegistry } from '../../telemetry/index.ts';
import type { BudgetReadings } from '../ports.ts';

export function sampleBudget(registry: InstrumentRegistry, readings: BudgetReadings): void {
  const { bytesPerDay, sentDayBytes, sent, energy, stored, costs } = readings;
  for (const { kind, sentBytes, refused } of sent) {
    if (sentBytes > 0) registry.counter(deviceMetrics.sent, { of: kind }).raiseTo(sentBytes);
    if (refused > 0) registry.counter(deviceMetrics.sendRefused, { of: kind }).raiseTo(refused);
  }
  registry.gauge(deviceMetrics.sentDay).set(sentDayBytes);
  if (bytesPerDay !== undefined) registry.gauge(deviceMetrics.sendBudget).set(bytesPerDay);
  for (const [of, bytes] of Object.entries(stored)) registry.gauge(deviceMetrics.stored, { of }).set(bytes);
  for (const { of, currency, perDay } of costs)
    registry.gauge({ ...deviceMetrics.cost, unit: currency }, { of, currency }).set(perDay);
  if (energy === undefined) return;
  registry.counter(deviceMetrics.energy).raiseTo(energy.joules);
  registry.gauge(deviceMetrics.energyDay).set(energy.dayJoules);
  if (energy.perFrame !== undefined) registry.gauge(deviceMetrics.energyPerFrame).set(energy.perFrame);
}
