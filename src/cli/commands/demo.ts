import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { MissingError } from '../../base/index.ts';
import type { DemoReport } from '../../runtime/demo/demo.ts';
import { conditionNames } from '../../simulation/index.ts';
import { examples, finish, parseCount, parseDuration } from '../command.ts';
import type { Output } from '../output.ts';

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
      .option('--duration <time>', 'stop by itself, e.g. 20s', parseDuration)
      .option('--port <port>', 'of the dashboard', parseCount(0), 8080)
      .option('--data <folder>', 'keep everything there; otherwise nothing is left behind')
      .addOption(
        new Option('--scenario <name>', "what happens to the second device's camera after 15 s").choices(
          conditionNames,
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
    async ({ output, signal }, options) => {
      const { SystemClock } = await import('../../adapters/system/index.ts');
      const { createLog } = await import('../../adapters/pino/index.ts');
      const { Demo } = await import('../../runtime/demo/demo.ts');
      const log = createLog({
        level: output.debug ? 'debug' : 'warn',
        pretty: process.stderr.isTTY === true,
      });
      const demo = new Demo(
        {
          port: options.port,
          model: options.model ?? ownModel('street'),
          offered: [ownModel('street-int8')],
          ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
          ...(options.data === undefined ? {} : { dataDir: options.data }),
        },
        { clock: new SystemClock(), log },
      );
      output.note('Starting broker, controller and two devices ...');
      let report: DemoReport | undefined;
      try {
        await demo.start();
        output.line(`Dashboard: ${demo.dashboardUrl}`);
        output.line('Two devices watch a simulated street. Ctrl+C ends everything.');
        output.value({ type: 'started', dashboard: demo.dashboardUrl, controller: demo.controllerUrl });
        await watch(demo, output, signal, options.duration);
      } finally {
        report = await demo.stop();
      }
      output.value({ type: 'summary', ...report });
      print(output, report);
      return report.ok ? 0 : 1;
    },
  );
}

/** A status line on a terminal until the time is over, somebody ends it, or a device died. */
async function watch(
  demo: {
    status(): { online: number; framesPerSecond: number; messages: number };
    failures(): readonly string[];
  },
  output: Output,
  signal: AbortSignal,
  durationMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const end = performance.now() + durationMs;
  const live = process.stderr.isTTY === true && !output.json;
  while (!signal.aborted && performance.now() < end) {
    await delay(Math.min(500, Math.max(1, end - performance.now())), undefined, { signal }).catch(() => {});
    for (const failure of demo.failures())
      throw new MissingError('device-ended', failure, 'Run it with --debug.');
    const { online, framesPerSecond, messages } = demo.status();
    if (live) {
      process.stderr.write(
        `\r${online} online, ${framesPerSecond.toFixed(1)} frames/s, ${messages} messages   `,
      );
    }
  }
  if (live) process.stderr.write('\n');
}

function print(output: Output, { devices, controller }: DemoReport): void {
  output.table(
    ['device', 'frames', 'superseded', 'dropped', 'detections', 'frames/s', 'p50 ms', 'p99 ms', 'engine'],
    devices.flatMap(({ device, engine, cameras }) =>
      cameras.map((camera) => [
        device,
        camera.processed,
        camera.superseded,
        Object.values(camera.dropped).reduce((sum, count) => sum + count, 0),
        camera.detections,
        camera.framesPerSecond,
        camera.latencyP50Ms,
        camera.latencyP99Ms,
        engine,
      ]),
    ),
  );
  const { messagesReceived, sequenceGaps, devicesOnline } = controller;
  output.line(
    `controller: ${messagesReceived} messages, ${sequenceGaps} sequence gaps, ${devicesOnline} devices online`,
  );
}

/** A model of the project's own: in the checkout and in the installed package, from source and from dist. */
export function ownModel(name: string): string {
  for (const up of ['../../../../', '../../../']) {
    const folder = fileURLToPath(new URL(join(up, 'models', name), import.meta.url));
    if (existsSync(join(folder, 'manifest.json'))) return folder;
  }
  throw new MissingError(
    'model-missing',
    `The project's own model ${name} is not in this installation.`,
    'Name a bundle with --model.',
  );
}
