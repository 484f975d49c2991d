import { once } from 'node:events';
import type { Command } from 'commander';
import { AgentSettings } from '../../runtime/settings/agent.ts';
import { describeSettings } from '../../runtime/settings/describe.ts';
import { examples, finish } from '../command.ts';

interface Options {
  readonly config?: string;
  readonly printSettings?: boolean;
  readonly log: 'debug' | 'info' | 'warn' | 'error';
}

export function agentCommand(program: Command): void {
  finish<Options>(
    program
      .command('agent')
      .description('look after this device: run its cameras, report to the fleet, act on its orders')
      .option('--config <file>', 'settings as JSON')
      .option('--log <level>', 'debug, info, warn or error', 'info')
      .option('--print-settings', 'every setting with its default and meaning, and nothing else')
      .addHelpText('after', examples('agent --config /etc/goshawk/agent.json', 'agent --print-settings')),
    async ({ output, signal }, options) => {
      if (options.printSettings === true) {
        for (const line of describeSettings(AgentSettings)) output.line(line);
        output.value(AgentSettings);
        return undefined;
      }
      const { readSettings, requireConfig } = await import('../../runtime/settings/read.ts');
      const { SystemClock } = await import('../../adapters/system/index.ts');
      const { createLog } = await import('../../adapters/pino/index.ts');
      const { startAgent } = await import('../../runtime/device/start.ts');
      const { connectServiceManager } = await import('../../runtime/service.ts');
      const { summarizeAgent } = await import('../../runtime/device/summary.ts');
      const settings = await readSettings(AgentSettings, requireConfig(options.config, 'agent'));
      const log = createLog({
        level: output.debug ? 'debug' : options.log,
        pretty: process.stderr.isTTY === true,
        fields: { device: settings.device },
      });
      const clock = new SystemClock();
      const service = connectServiceManager(log);
      const agent = await startAgent(settings, { clock, log });
      service.ready(`${settings.device} runs, session ${agent.agent.session}`);
      const beganMs = clock.monotonicMs();
      output.line(`${settings.device} runs; Ctrl+C ends it.`);
      output.value({ type: 'started', device: settings.device, session: agent.agent.session });
      if (!signal.aborted) await once(signal, 'abort');
      service.stopping();
      const seconds = (clock.monotonicMs() - beganMs) / 1000;
      await agent.close();
      const summary = summarizeAgent(
        settings.device,
        agent.stats(),
        seconds,
        agent.agent.outboxStats.entries,
      );
      output.value({ type: 'summary', ...summary });
      output.table(
        ['camera', 'frames', 'superseded', 'detections', 'frames/s', 'p50 ms', 'p99 ms'],
        summary.cameras.map((camera) => [
          camera.camera,
          camera.processed,
          camera.superseded,
          camera.detections,
          camera.framesPerSecond,
          camera.latencyP50Ms,
          camera.latencyP99Ms,
        ]),
      );
      return 0;
    },
  );
}
