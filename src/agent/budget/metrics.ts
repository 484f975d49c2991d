import { metricNames } from '../../protocol/index.ts';
import type { InstrumentRegistry } from '../../telemetry/index.ts';
import type { BudgetReadings } from '../ports.ts';

export function sampleBudget(registry: InstrumentRegistry, readings: BudgetReadings): void {
  const { bytesPerDay, sentDayBytes, sent, energy, stored, costs } = readings;
  for (const { kind, sentBytes, refused } of sent) {
    if (sentBytes > 0) registry.counter(metricNames.sent, 'bytes', { of: kind }).raiseTo(sentBytes);
    if (refused > 0) registry.counter(metricNames.sendRefused, '1', { of: kind }).raiseTo(refused);
  }
  registry.gauge(metricNames.sentDay, 'bytes').set(sentDayBytes);
  if (bytesPerDay !== undefined) registry.gauge(metricNames.sendBudget, 'bytes').set(bytesPerDay);
  for (const [of, bytes] of Object.entries(stored))
    registry.gauge(metricNames.stored, 'bytes', { of }).set(bytes);
  for (const { of, currency, perDay } of costs)
    registry.gauge(metricNames.cost, currency, { of, currency }).set(perDay);
  if (energy === undefined) return;
  registry.counter(metricNames.energy, 'joules').raiseTo(energy.joules);
  registry.gauge(metricNames.energyDay, 'joules').set(energy.dayJoules);
  if (energy.perFrame !== undefined)
    registry.gauge(metricNames.energyPerFrame, 'joules').set(energy.perFrame);
}
