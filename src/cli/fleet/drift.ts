import type { Command } from 'commander';
import type { CameraDrift, DeviceDrift, DriftFleet, DriftIncident } from '../../api/index.ts';
import { counted } from '../../base/index.ts';
import { expectKnown, typedNames } from '../../runtime/index.ts';
import { examples, finish, parseCount } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
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
      const client = connect(options);
      const list = await client.call('GET /drift', { query: { group, alarmed, limit } });
      if (list.rows.length === 0) await expectKnown(client, typedNames(options));
      output.value(list);
      describeFleet(output, list, alarmed);
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
      const client = connect(options);
      const list = await client.call('GET /drift/incidents', { query: { device, group, limit } });
      if (list.incidents.length === 0) await expectKnown(client, typedNames(options));
      output.value(list);
      incidentTable(output, list.incidents);
      return undefined;
    },
  );
}

function describeFleet(output: Output, drift: DriftFleet, alarmed: boolean | undefined): void {
  output.line(
    `${counted(drift.cameras, 'camera')}: ${drift.watching} watching, ${drift.learning} learning, ${drift.sensorOnly} without a profile of their model, ${drift.off} off; ${drift.alarmed} alarmed, ${drift.believed} believed; ${drift.notices} with a notice`,
  );
  for (const { cohort, messages, incidents, alarms, sinceMs } of drift.cohorts)
    output.line(
      `${cohortWords(cohort)}: ${alarms === 0 ? 'notice: ' : ''}${messages.join(', ')} on ${incidents} of ${counted(cohort.cameras, 'camera')} ${output.words({ timeMs: sinceMs })}`,
    );
  output.table(
    ['camera', 'state', 'near', 'verdict', 'grade', 'loss', 'believed', 'scope', 'since'],
    drift.rows.map((row) => [
      `${row.device}/${row.camera}`,
      stateWords(row),
      { share: row.score, decimals: 0 },
      row.incident?.message ?? '-',
      row.incident?.grade ?? '-',
      row.incident === undefined ? '-' : lossWords(output, row.incident),
      row.incident === undefined ? '-' : row.incident.believed ? 'yes' : 'not yet',
      row.incident === undefined ? '-' : cohortWords(row.incident.cohort),
      { timeMs: row.incident?.startedMs },
    ]),
    alarmed === true ? 'No camera has an alarm.' : 'No cameras.',
  );
  if (drift.next !== undefined) output.note(`More than ${drift.rows.length} cameras: raise --limit.`);
}

/** Of the model's usual accuracy, with the range of eight of ten losses that were measured. */
function lossWords(output: Output, { expectedLoss: loss, expectedLossRange: range }: DriftIncident): string {
  const percent = (share: number | undefined) => output.words({ share, decimals: 0 });
  return range === undefined
    ? percent(loss)
    : `${percent(loss)} (${percent(range[0])} to ${percent(range[1])})`;
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
        `  profile: model ${status.profile.modelDigest}, learned from ${counted(Math.round(status.profile.seconds / 60), 'minute')}`,
      );
    if (status?.reason !== undefined) output.line(`  ${status.reason}`);
    if (status?.knownAnswer !== undefined)
      output.line(
        `  known answer: ${status.knownAnswer.right ? 'right' : 'wrong'}, ${output.words({ timeMs: status.knownAnswer.timeMs })}`,
      );
    if (open !== undefined)
      output.line(
        `  ${open.message}, ${output.words({ timeMs: open.startedMs })}, ${open.grade}${open.expectedLoss === undefined ? '' : `, expected loss ${lossWords(output, open)}`}, ${open.believed ? 'believed' : 'not believed yet'}, ${cohortWords(open.cohort)}`,
      );
    for (const { timeMs, message, grade } of open?.earlier ?? [])
      output.line(`    ${message}, ${output.words({ timeMs })}, ${grade}`);
    if (open !== undefined && open.signals.length > 0)
      output.table(
        ['  signal', 'value', 'usual', 'deviations'],
        open.signals.map((signal) => [
          `  ${signal.name}`,
          { number: signal.value },
          { number: signal.usual },
          { number: signal.deviations },
        ]),
        'No signals.',
      );
  }
  output.line();
  incidentTable(output, incidents);
}

function incidentTable(output: Output, incidents: readonly DriftIncident[]): void {
  output.table(
    ['began', 'ended', 'camera', 'verdict', 'grade', 'believed', 'scope'],
    incidents.map((incident) => [
      { timeMs: incident.startedMs },
      { timeMs: incident.endedMs, absent: 'lasts' },
      `${incident.device}/${incident.camera}`,
      incident.message,
      incident.grade,
      incident.believed ? 'yes' : 'no',
      cohortWords(incident.cohort),
    ]),
    'No incidents.',
  );
}
