import type { Command } from 'commander';
import type { CameraDrift, DeviceDrift, DriftFleet, DriftIncident } from '../../api/index.ts';
import { examples, finish, parseCount } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatNumber, formatTime } from './format.ts';
import { addLearn } from './learn.ts';

interface ListOptions extends Target {
  readonly group?: string;
  readonly alarmed?: boolean;
  readonly limit: number;
}

interface HistoryOptions extends Target {
  readonly device?: string;
  readonly group?: string;
  readonly limit: number;
}

export function driftCommands(program: Command): void {
  const drift = program
    .command('drift')
    .description('cameras that drifted or are blind, and what they learn');
  addList(drift);
  addShow(drift);
  addHistory(drift);
  addLearn(drift);
}

function addList(drift: Command): void {
  finish<ListOptions>(
    fleetCommand(drift, 'list', 'list the cameras with their drift state')
      .option('--group <name>', 'only of this group')
      .option('--alarmed', 'only cameras with an alarm, not those with a notice')
      .option('--limit <n>', 'how many at most', parseCount(), 100)
      .addHelpText('after', examples('drift list --alarmed')),
    async ({ output }, options) => {
      const { group, alarmed, limit } = options;
      const list = await connect(options).call('GET /drift', { query: { group, alarmed, limit } });
      output.value(list);
      describeFleet(output, list);
      return undefined;
    },
  );
}

function addShow(drift: Command): void {
  finish<Target>(
    fleetCommand(drift, 'show', 'show one device with its signals and its incidents')
      .argument('<device>')
      .addHelpText('after', examples('drift show truck-7')),
    async ({ output }, options, [id = '']) => {
      const device = await connect(options).call('GET /devices/:id/drift', { params: { id } });
      output.value(device);
      describeDevice(output, device);
      return undefined;
    },
  );
}

function addHistory(drift: Command): void {
  finish<HistoryOptions>(
    fleetCommand(drift, 'history', 'list incidents, open and over, newest first')
      .option('--device <id>', 'only of this device')
      .option('--group <name>', 'only of this group')
      .option('--limit <n>', 'how many at most', parseCount(), 100)
      .addHelpText('after', examples('drift history --device truck-7')),
    async ({ output }, options) => {
      const { device, group, limit } = options;
      const list = await connect(options).call('GET /drift/incidents', { query: { device, group, limit } });
      output.value(list);
      incidentTable(output, list.incidents);
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
  if (drift.next !== undefined) output.note(`More than ${drift.rows.length} cameras: raise --limit.`);
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
    const word = status === undefined ? 'reports no drift state' : watchWords(status.state, status.watched);
    output.line(`${device}/${camera}: ${word}`);
    if (status?.watched !== undefined && status.watched.length > 0)
      output.line(`  watched: ${status.watched.join(', ')}`);
    if (status?.profile !== undefined)
      output.line(
        `  profile: model ${status.profile.modelDigest}, learned from ${Math.round(status.profile.seconds / 60)} minutes`,
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
