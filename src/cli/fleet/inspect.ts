import type { Command } from 'commander';
import { counted } from '../../base/index.ts';
import { type DeviceInspection, inspectDevice } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { describeDevice } from './device-words.ts';

export function addInspect(device: Command): void {
  finish<Target>(
    fleetCommand(
      device,
      'show',
      'show one device: health, models, metrics, alerts, cameras, events, and what it answers itself',
    )
      .argument('<device>')
      .addHelpText('after', examples('device show truck-7', 'device show truck-7 --json | jq .own')),
    async ({ output }, options, [id = '']) => {
      const inspection = await inspectDevice(connect(options), id);
      output.value(inspection);
      describe(output, inspection);
      return undefined;
    },
  );
}

function describe(output: Output, inspection: DeviceInspection): void {
  const { detail, alerts, events, drift, own, unanswered } = inspection;
  describeDevice(output, detail);
  section(output, 'Active alerts');
  const shared = (detail.summary.alerts ?? 0) - alerts.length;
  if (alerts.length === 0 && shared <= 0) output.line('none');
  for (const { severity, ruleName, summary, sinceMs } of alerts)
    output.line(`${severity}: ${ruleName}: ${summary}, ${output.words({ timeMs: sinceMs })}`);
  if (shared > 0) output.line(`${shared} about this device and others: goshawk alert list`);
  section(output, 'Cameras');
  for (const { camera, status, open } of drift.cameras) {
    const report = detail.reported?.cameras?.[camera];
    const target = report?.targetFps === undefined ? '' : `, target ${report.targetFps} frames/s`;
    const latency = report?.maxLatencyMs === undefined ? '' : `, at most ${report.maxLatencyMs} ms`;
    const zone = report?.targetZone === undefined ? '' : ` while an object is in ${report.targetZone}`;
    const missed = report?.missed === undefined ? '' : `, missed: ${report.missed.what}`;
    const since = report?.connectedSinceMs;
    const connected =
      report?.connects === undefined
        ? ''
        : `, ${since === undefined ? 'not connected' : `connected ${output.words({ timeMs: since })}`} (connection ${report.connects})`;
    const fault = report?.fault === undefined ? '' : `, ${report.fault}`;
    output.line(
      `${camera}: ${status?.state ?? 'not watched'}${target}${latency}${zone}${missed}${connected}${fault}${open === undefined ? '' : `, ${open.message}`}`,
    );
    for (const { node, problem } of report?.graph ?? []) output.line(`  ${node}: ${problem}`);
  }
  const ladder = detail.reported?.ladder;
  if (ladder !== undefined) {
    section(output, 'Steps to hold the targets');
    output.line(`${ladder.level} of ${ladder.steps} taken`);
    for (const step of ladder.taken) output.line(step);
  }
  const robot = detail.reported?.robot;
  if (robot !== undefined) {
    section(output, 'Robot');
    output.line(`${counted(robot.parts, 'part')}, ${robot.problems.length} with problems`);
    for (const { name, level, message } of robot.problems)
      output.line(`${name}: ${level}${message === '' ? '' : `, ${message}`}`);
  }
  section(output, 'Latest events');
  output.table(
    ['time', 'severity', 'kind', 'message'],
    events.map(({ timeMs, severity, kind, message }) => [{ timeMs }, severity, kind, message]),
    'No events.',
  );
  section(output, 'Answer of the device');
  if (unanswered !== undefined) output.line(unanswered);
  else output.line(JSON.stringify(own, undefined, 2));
}

function section(output: Output, title: string): void {
  output.line();
  output.line(title);
}
