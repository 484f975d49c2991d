import type { Command } from 'commander';
import { type DeviceDetail, type DeviceSummary, mainSlot, type VersionPolicy } from '../../api/index.ts';
import { finish, parseCount } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatNumber, formatTime } from './format.ts';

export function addDevices(fleet: Command): void {
  finish<Target & { group?: string; online?: boolean; limit: number }>(
    fleetCommand(fleet, 'devices', 'every device with its state, one line each')
      .option('--group <name>', 'only of this group')
      .option('--online', 'only those that are online')
      .option('--limit <n>', 'how many at most', parseCount(), 1000),
    async ({ output }, options) => {
      const { group, online, limit } = options;
      const list = await connect(options).call('GET /devices', { query: { group, online, limit } });
      output.value(list);
      output.table(
        ['device', 'health', 'alerts', 'frames/s', 'p99 ms', 'model', 'deployment', 'warnings', 'last seen'],
        list.devices.map((device) => [
          device.id,
          stateOf(device),
          device.alerts ?? '-',
          device.online ? formatNumber(device.fps) : '-',
          device.online ? formatNumber(device.latencyP99Ms) : '-',
          nameOf(device.slots[mainSlot]?.loaded) ?? '-',
          device.slots[mainSlot]?.deployment.state ?? '-',
          device.warnings,
          formatTime(device.lastSeenMs),
        ]),
      );
      if (list.devices.length < list.total) output.note(`${list.total} in all; show more with --limit.`);
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(fleet, 'device', 'all that is known of one device').argument('<id>'),
    async ({ output }, options, [id = '']) => {
      const detail = await connect(options).call('GET /devices/:id', { params: { id } });
      output.value(detail);
      describeDevice(output, detail);
      return undefined;
    },
  );
  finish<Target>(
    fleetCommand(fleet, 'forget', 'remove a device and its history').argument('<id>'),
    async ({ output }, options, [id = '']) => {
      await connect(options).call('DELETE /devices/:id', { params: { id } });
      output.value({ ok: true });
      output.line(`${id} is forgotten; it comes back if it reports again.`);
      return undefined;
    },
  );
}

function stateOf({ online, offlineReason, health }: DeviceSummary): string {
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

function nameOf(model: { readonly name: string; readonly version: string } | undefined): string | undefined {
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
    const { deployment, role, cameras, sample, problem, loaded } = slot;
    const runs =
      loaded === undefined
        ? 'no model'
        : `${nameOf(loaded)} (${loaded.engine}, ${loaded.precision}) ${loaded.digest}`;
    const state =
      deployment.reason === undefined ? deployment.state : `${deployment.state}: ${deployment.reason}`;
    const every = sample === undefined || sample === 1 ? '' : `, every ${sample}. frame`;
    const wrong = problem === undefined ? '' : `. ${problem}`;
    return `slot ${name}: ${runs}, ${role}, cameras ${cameras.join(', ') || 'none'}${every}, ${state}${wanted}${wrong}`;
  });
}

export function policyWords(policy: VersionPolicy | undefined): string {
  if (policy === undefined || policy.follows === 'digest') return 'this version';
  const follows = policy.follows === 'latest' ? 'latest' : policy.range;
  return policy.pinned === true ? `${follows}, pinned` : `${follows}`;
}
