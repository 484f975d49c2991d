import { type Command, Option } from 'commander';
import { defined, type LogLevel, logLevels } from '../../base/index.ts';
import { AgentSettings, type AgentSummary, checkAgent, runAgent } from '../../runtime/index.ts';
import { examples, finish, parseList } from '../command.ts';
import type { Output } from '../output.ts';
import { printAgentCheck } from '../print/agent-check.ts';
import { type SettingsOptions, settingsFile, settingsOptions } from '../settings-file.ts';

interface Options extends SettingsOptions {
  readonly rosNode?: string;
  readonly rosRemap?: readonly string[];
  readonly rosParameter?: readonly string[];
  readonly log: LogLevel;
}

export function agentCommand(program: Command): void {
  finish<Options>(
    settingsOptions(
      program
        .command('agent')
        .description('run the agent of this device: cameras, reports to the fleet, orders')
        .option('--config <file>', 'settings as YAML or JSON; without it they come from the environment')
        .addOption(
          new Option('--log <level>', 'level of its log, and of /rosout').choices(logLevels).default('info'),
        )
        .option('--ros-node <name>', 'name in the ROS 2 graph, with namespace, in place of ros.node')
        .option(
          '--ros-remap <rules>',
          'more names for topics, by comma: ~/detections:=/detections',
          parseList,
        )
        .option(
          '--ros-parameter <name:=value>',
          'a parameter of the node at its start, as after --ros-args -p; may be given again',
          (value: string, before: readonly string[] = []) => [...before, value],
        ),
      'check the settings and the files that they name, try each camera, model and engine, ROS 2 and the broker, then end',
    ).addHelpText(
      'after',
      examples(
        'agent --config /etc/goshawk/agent.json',
        'agent --config /etc/goshawk/agent.json --check',
        'agent --print-settings',
      ),
    ),
    async ({ output, signal }, options) => {
      const configFile = await settingsFile(AgentSettings, 'agent', options, output, async (file) =>
        printAgentCheck(
          output,
          await checkAgent(file, { signal, onTry: (name) => output.note(`trying ${name}`) }),
        ),
      );
      if (typeof configFile === 'number') return configFile;
      const program = {
        configFile,
        logLevel: output.debug ? ('debug' as const) : options.log,
        prettyLog: process.stderr.isTTY === true,
        signal,
        ros: {
          ...defined({ node: options.rosNode, remap: options.rosRemap, parameters: options.rosParameter }),
        },
      };
      const summary = await runAgent(program, ({ device, session }) => {
        output.line(`${device} runs; Ctrl+C ends it.`);
        output.value({ type: 'started', device, session });
      });
      printSummary(output, summary);
      return 0;
    },
  );
}

function printSummary(output: Output, summary: AgentSummary): void {
  output.value({ type: 'summary', ...summary });
  output.table(
    ['camera', 'frames', 'superseded', 'detections', 'frames/s', 'p50', 'p99'],
    summary.cameras.map((camera) => [
      camera.camera,
      camera.processed,
      camera.superseded,
      camera.detections,
      { number: camera.framesPerSecond },
      { durationMs: camera.latencyP50Ms },
      { durationMs: camera.latencyP99Ms },
    ]),
    'No cameras.',
  );
}
