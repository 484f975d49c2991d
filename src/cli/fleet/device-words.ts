import {
  type DeviceDetail,
  type DeviceSummary,
  policyWords,
  type SlotSource,
  scopeWords,
} from '../../api/index.ts';
import type { Output } from '../output.ts';

export function stateOf({ online, offlineReason, health }: DeviceSummary): string {
  if (!online) return ['offline', ...(offlineReason === undefined ? [] : [offlineReason])].join(': ');
  return [health.state, ...health.reasons.slice(0, 1)].join(': ');
}

export function describeDevice(output: Output, detail: DeviceDetail): void {
  const { summary, birth, reported, desired, metrics } = detail;
  output.line(`${summary.id}: ${stateOf(summary)}`);
  if ((summary.alerts ?? 0) > 0) output.line(`alerts that fire: ${summary.alerts}`);
  for (const reason of summary.health.reasons.slice(1)) output.line(`also: ${reason}`);
  if (birth !== undefined) {
    output.line(
      `board: ${birth.board.name}, ${birth.board.arch}, ${birth.board.cores} cores, ${birth.board.os}`,
    );
    output.line(
      `agent: ${birth.agentVersion}, session ${birth.session} that began ${output.words({ timeMs: summary.sessionSinceMs })}, cameras ${birth.cameras.join(', ')}`,
    );
  }
  if (reported !== undefined) {
    for (const line of slotLines(reported, detail)) output.line(line);
    output.line(`generation: reported ${reported.generation}, desired ${desired?.generation ?? 0}`);
  }
  output.table(
    ['metric', 'labels', 'value'],
    metrics.map(({ name, labels, value, histogram, unit }) => [
      name,
      Object.entries(labels)
        .map(([key, label]) => `${key}=${label}`)
        .join(' '),
      histogram === undefined
        ? inUnit(output, value, unit)
        : `p50 ${inUnit(output, histogram.p50, unit)}, p99 ${inUnit(output, histogram.p99, unit)}`,
    ]),
    'No metrics yet.',
  );
}

function inUnit(output: Output, value: number | undefined, unit: string): string {
  if (unit === 'seconds') return output.words({ durationMs: value === undefined ? undefined : value * 1000 });
  if (unit === 'bytes') return output.words({ bytes: value });
  if (unit === 'ratio') return output.words({ share: value });
  return `${output.words({ number: value })} ${unit}`.trimEnd();
}

export function nameOf(
  model: { readonly name: string; readonly version: string } | undefined,
): string | undefined {
  return model && `${model.name} ${model.version}`;
}

/** One line for each slot. */
function slotLines(
  { slots }: NonNullable<DeviceDetail['reported']>,
  { desired, sources }: DeviceDetail,
): string[] {
  const names = new Set([...Object.keys(slots), ...Object.keys(desired?.slots ?? {})]);
  return [...names].map((name) => {
    const slot = slots[name];
    const model = desired?.slots?.[name]?.model;
    const wanted =
      model === undefined
        ? ''
        : `, wanted ${nameOf(model)} (${[policyWords(model.policy), ...sourceWords(sources[name])].join(', ')})`;
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

function sourceWords({ group, by }: SlotSource = {}): string[] {
  return [
    ...(group === undefined ? [] : [`for the group ${group}`]),
    ...(by === undefined ? [] : [`by ${by}`]),
  ];
}
