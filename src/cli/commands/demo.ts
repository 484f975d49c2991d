import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { counted, defined } from '../../base/index.ts';
import { type DemoPlace, type DemoReport, demoScenarios, noProgress, runDemo } from '../../runtime/index.ts';
import { pushModel } from '../../workbench/index.ts';
import { examples, finish, parseCount, parseDuration, workPorts } from '../command.ts';
import { type Output, outputLog } from '../output.ts';

interface Options {
  readonly duration?: number;
  readonly port: number;
  readonly data?: string;
  readonly model?: string;
  readonly scenario?: string;
}

export function demoCommand(program: Command): void {
  finish<Options>(
    program
      .command('demo')
      .description(
        'a whole fleet on this machine: broker, controller, dashboard and two devices with simulated streets',
      )
      .option('--duration <time>', 'stop after this time, e.g. 20s', parseDuration)
      .option('--port <port>', 'port of the dashboard', parseCount(0), 8080)
      .option(
        '--data <folder>',
        'folder that keeps all data of the demo (default: the data is removed at the end)',
      )
      .addOption(
        new Option('--scenario <name>', "change that the second device's camera meets after 15 s").choices(
          demoScenarios,
        ),
      )
      .option('--model <bundle>', 'bundle to begin with', undefined)
      .addHelpText(
        'after',
        examples(
          'demo',
          'demo --duration 20s --json',
          'demo --scenario frozen',
          'demo --data ~/goshawk-demo',
        ),
      ),
    async (context, options) => {
      const { output, signal } = context;
      const { duration, data, port, model, scenario } = options;
      const program = {
        ...{ port, signal, agentCommand: agentCommand() },
        log: outputLog(output),
        ...defined({ durationMs: duration, model, scenario, dataDir: data }),
        push: (folder: string, controller: { readonly url: string; readonly token: string }) =>
          pushModel(folder, undefined, controller, {
            ...workPorts(context, 'warn'),
            startProgress: noProgress,
          }),
      };
      output.note('Starting broker, controller and two devices ...');
      const live = process.stderr.isTTY === true && !output.machine;
      const report = await runDemo(program, {
        onStarted(place) {
          for (const line of startedLines(place)) output.line(line);
          output.value({ type: 'started', ...place });
        },
        onStatus({ online, framesPerSecond, messages }) {
          const line = `${online} online, ${framesPerSecond.toFixed(1)} frames/s, ${counted(messages, 'message')}`;
          if (live) process.stderr.write(`\r${line}   `);
        },
        onStopping() {
          if (live) process.stderr.write('\n');
        },
      });
      output.value({ type: 'summary', ...report });
      print(output, report);
      return report.ok ? 0 : 1;
    },
  );
}

export function startedLines({ dashboard, adminTokenFile, portInUse }: DemoPlace): string[] {
  return [
    ...(portInUse === undefined
      ? []
      : [`Port ${portInUse} is in use by another program; the dashboard has a free one.`]),
    `Dashboard: ${dashboard}`,
    ...(adminTokenFile === undefined
      ? []
      : [`That signs in as an operator; the admin's token is in ${adminTokenFile}`]),
    'Two devices watch a simulated street. Ctrl+C ends everything.',
  ];
}

/** This program once more, from the sources or from dist as this one. */
function agentCommand(): readonly string[] {
  const source = import.meta.url.endsWith('.ts');
  const main = fileURLToPath(new URL(source ? '../main.ts' : '../main.js', import.meta.url));
  return [process.execPath, ...(source ? ['--import', 'tsx'] : []), main, 'agent'];
}

function print(output: Output, { devices, controller, problems }: DemoReport): void {
  output.table(
    ['device', 'frames', 'superseded', 'dropped', 'detections', 'frames/s', 'p50', 'p99', 'engine'],
    devices.flatMap(({ device, engine, cameras }) =>
      cameras.map((camera) => [
        device,
        camera.processed,
        camera.superseded,
        Object.values(camera.dropped).reduce((sum, count) => sum + count, 0),
        camera.detections,
        { number: camera.framesPerSecond },
        { durationMs: camera.latencyP50Ms },
        { durationMs: camera.latencyP99Ms },
        engine,
      ]),
    ),
    'No cameras.',
  );
  const { messagesReceived, sequenceGaps, devicesOnline } = controller;
  output.line(
    `controller: ${counted(messagesReceived, 'message')}, ${counted(sequenceGaps, 'sequence gap')}, ${counted(devicesOnline, 'device')} online`,
  );
  for (const problem of problems) output.warn(problem);
}
