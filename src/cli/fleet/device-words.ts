import { type DeviceDetail, type DeviceSummary, scopeWords, type VersionPolicy } from '../../api/index.ts';
import type { Output } from '../output.ts';
import { formatNumber, formatTime } from './format.ts';

export function stateOf({ online, offlineReason, health }: DeviceSummary): string {
  if (!online) return ['offline', ...(offlineReason === undefined ? [] : [offlineReason])].join(': ');
  return [health.state, ...health.reasons.slice(0, 1)].join(': ');
}

export function describeDevice(
  output: Output,
  { summary, birth, reported, desired, metrics }: DeviceDetail,
): void {
  output.line(`${summary.id}: ${stateOf(summary)}`);
  if ((summary.alerts ?? 0) > 0) output.line(`alerts that fire: ${summary.alerts}`);
  for (const reason of summary.health.reasons.slice(1)) output.line(`also: ${reason}`);
  if (birth !== undefined) {
    output.line(
      `board: ${birth.board.name}, ${birth.board.arch}, ${birth.board.cores} cores, ${birth.board.os}`,
    );
    output.line(
      `agent: ${birth.agentVersion}, session ${birth.session} since ${formatTime(summary.sessionSinceMs)}, cameras ${birth.cameras.join(', ')}`,
    );
  }
  if (reported !== undefined) {
    for (const line of slotLines(reported, desired)) output.line(line);
    output.line(`generation: reported ${reported.generation}, desired ${desired?.generation ?? 0}`);
  }
  output.table(
    ['metric', 'labels', 'value', 'unit'],
    metrics.map(({ name, labels, value, histogram, unit }) => [
      name,
      Object.entries(labels)
        .map(([key, label]) => `${key}=${label}`)
        .join(' '),
      histogram === undefined
        ? formatNumber(value, 3)
        : `p50 ${formatNumber(histogram.p50, 4)} p99 ${formatNumber(histogram.p99, 4)}`,
      unit,
    ]),
  );
}

export function nameOf(
  model: { readonly name: string; readonly version: string } | undefined,
): string | undefined {
  return model && `${model.name} ${model.version}`;
}

/** One line for each slot. */
function slotLines(
  { slots }: NonNullable<DeviceDetail['reported']>,
  desired: DeviceDetail['desired'],
): string[] {
  const names = new Set([...Object.keys(slots), ...Object.keys(desired?.slots ?? {})]);
  return [...names].map((name) => {
    const slot = slots[name];
    const model = desired?.slots?.[name]?.model;
    const wanted = model === undefined ? '' : `, wanted ${nameOf(model)} (${policyWords(model.policy)})`;
    if (slot === undefined) return `slot ${name}: not known to the device yet${wanted}`;
    const { deployment, problem, loaded } = slot;
    const runs =
      loaded === undefined
        ? 'no model'
        : `${nameOf(loaded)} (${loaded.engine}, ${loaded.precision}) ${loaded.digest}`;
    const state =
      deployment.reason === undefined ? deployment.state : `${deployment.state}: ${deployment.reason}`;
    const wrong = problem === undefined ? '' : `. ${problem}`;
    return `slot ${name}: ${runs}, ${scopeWords(slot)}, ${state}${wanted}${wrong}`;
  });
}

export function policyWords(policy: VersionPolicy | undefined): string {
  if (policy === undefined || policy.follows === 'digest') return 'this version';
  const follows = policy.follows === 'latest' ? 'latest' : policy.range;
  return policy.pinned === true ? `${follows}, pinned` : `${follows}`;
}
