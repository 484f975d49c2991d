import type { Command } from 'commander';
import type { CameraDrift, DeviceDrift, DriftFleet, DriftIncident } from '../../api/index.ts';
import { finish, parseCount } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatNumber, formatTime } from './format.ts';

interface Options extends Target {
  readonly device?: string;
  readonly group?: string;
  readonly alarmed?: boolean;
  readonly history?: boolean;
  readonly limit: number;
}

export function addDrift(fleet: Command): void {
  finish<Options>(
    fleetCommand(fleet, 'drift', 'which cameras have drifted or are blind, and whose alarm it is')
      .option('--device <id>', 'one device, with its signals and its past')
      .option('--group <name>', 'only of this group')
      .option('--alarmed', 'only cameras in alarm; a notice is none')
      .option('--history', 'incidents, open and over, newest first')
      .option('--limit <n>', 'how many at most', parseCount(), 100),
    async ({ output }, options) => {
      const client = connect(options);
      const { device, group, alarmed, limit } = options;
      if (options.history === true) {
        const list = await client.call('GET /drift/incidents', { query: { device, group, limit } });
        output.value(list);
        incidentTable(output, list.incidents);
        return undefined;
      }
      if (device !== undefined) {
        const drift = await client.call('GET /devices/:id/drift', { params: { id: device } });
        output.value(drift);
        describeDevice(output, drift);
        return undefined;
      }
      const drift = await client.call('GET /drift', { query: { group, alarmed, limit } });
      output.value(drift);
      describeFleet(output, drift);
      return undefined;
    },
  );
}

function describeFleet(output: Output, drift: DriftFleet): void {
  output.line(
    `${drift.cameras} cameras: ${drift.watching} watching, ${drift.learning} learning, ${drift.sensorOnly} without a profile of their model, ${drift.off} off; ${drift.alarmed} alarmed, ${drift.believed} believed; ${drift.notices} with a notice`,
  );
  for (const { cohort, messages, incidents, alarms, sinceMs } of drift.cohorts)
    output.line(
      `${cohortWords(cohort)}: ${alarms === 0 ? 'notice: ' : ''}${messages.join(', ')} on ${incidents} of ${cohort.cameras} cameras since ${formatTime(sinceMs)}`,
    );
  output.table(
    ['camera', 'state', 'near', 'verdict', 'grade', 'loss', 'believed', 'whose', 'since'],
    drift.rows.map((row) => [
      `${row.device}/${row.camera}`,
      stateWords(row),
      row.score === undefined ? '-' : `${Math.round(row.score * 100)} %`,
      row.incident?.message ?? '-',
      row.incident?.grade ?? '-',
      lossWords(row.incident),
      row.incident === undefined ? '-' : row.incident.believed ? 'yes' : 'not yet',
      row.incident === undefined ? '-' : cohortWords(row.incident.cohort),
      row.incident === undefined ? '-' : formatTime(row.incident.startedMs),
    ]),
  );
  if (drift.next !== undefined) output.note(`There are more than ${drift.rows.length}: raise --limit.`);
}

/** Of the model's usual accuracy. */
function lossWords(incident: DriftIncident | undefined): string {
  const loss = incident?.expectedLoss;
  return loss === undefined ? '-' : `${Math.round(loss * 100)} %`;
}

function stateWords({ online, state, watched, learning }: CameraDrift): string {
  const word =
    learning === undefined ? watchWords(state, watched) : `learning ${Math.round(learning * 100)} %`;
  return online ? word : `${word}, offline`;
}

/** With the profile of the model before, the scene is watched on and the new model is not. */
function watchWords(state: CameraDrift['state'], watched: CameraDrift['watched']): string {
  if (state === 'sensor-only' && watched?.includes('scene') === true) return 'sensor and scene only';
  return state ?? 'unknown';
}

/** `group west`, `model 1a2b3c4d5e6f`, `everyone`; the camera itself is `this camera`. */
function cohortWords({ scope, name, sameAs }: DriftIncident['cohort']): string {
  const words = (one: { readonly scope: string; readonly name: string }) => {
    if (one.scope === 'camera') return 'this camera';
    if (one.scope === 'everyone') return 'everyone';
    return `${one.scope} ${one.scope === 'model' ? one.name.replace('sha256:', '').slice(0, 12) : one.name}`;
  };
  return [words({ scope, name }), ...sameAs.map(words)].join(' or ');
}

function describeDevice(output: Output, { device, cameras, incidents }: DeviceDrift): void {
  for (const { camera, status, open } of cameras) {
    const word = status === undefined ? 'tells nothing of drift' : watchWords(status.state, status.watched);
    output.line(`${device}/${camera}: ${word}`);
    if (status?.watched !== undefined && status.watched.length > 0)
      output.line(`  watched: ${status.watched.join(', ')}`);
    if (status?.profile !== undefined)
      output.line(
        `  profile: of the model ${status.profile.modelDigest}, learned from ${Math.round(status.profile.seconds / 60)} minutes`,
      );
    if (status?.reason !== undefined) output.line(`  ${status.reason}`);
    if (status?.knownAnswer !== undefined)
      output.line(
        `  known answer: ${status.knownAnswer.right ? 'right' : 'wrong'} at ${formatTime(status.knownAnswer.timeMs)}`,
      );
    if (open !== undefined)
      output.line(
        `  ${open.message} since ${formatTime(open.startedMs)}, ${open.grade}${open.expectedLoss === undefined ? '' : `, expected loss ${lossWords(open)}`}, ${open.believed ? 'believed' : 'not believed yet'}, ${cohortWords(open.cohort)}`,
      );
    if (open !== undefined && open.signals.length > 0)
      output.table(
        ['  signal', 'value', 'usual', 'deviations'],
        open.signals.map((signal) => [
          `  ${signal.name}`,
          formatNumber(signal.value, 3),
          formatNumber(signal.usual, 3),
          formatNumber(signal.deviations),
        ]),
      );
  }
  if (incidents.length > 0) output.line();
  incidentTable(output, incidents);
}

function incidentTable(output: Output, incidents: readonly DriftIncident[]): void {
  output.table(
    ['began', 'ended', 'camera', 'verdict', 'grade', 'believed', 'whose'],
    incidents.map((incident) => [
      formatTime(incident.startedMs),
      incident.endedMs === undefined ? 'lasts' : formatTime(incident.endedMs),
      `${incident.device}/${incident.camera}`,
      incident.message,
      incident.grade,
      incident.believed ? 'yes' : 'no',
      cohortWords(incident.cohort),
    ]),
  );
}
