import { once } from 'node:events';
import type { Command } from 'commander';
import { ControllerSettings } from '../../runtime/settings/controller.ts';
import { describeSettings } from '../../runtime/settings/describe.ts';
import { examples, finish } from '../command.ts';

interface Options {
  readonly config?: string;
  readonly printSettings?: boolean;
}

export function controllerCommand(program: Command): void {
  finish<Options>(
    program
      .command('controller')
      .description('run the controller of the fleet: registry, metrics, events, orders, HTTP API, dashboard')
      .option('--config <file>', 'settings as JSON')
      .option('--print-settings', 'every setting with its default and meaning, and nothing else')
      .addHelpText(
        'after',
        examples('controller --config /etc/goshawk/controller.json', 'controller --print-settings'),
      ),
    async ({ output, signal }, options) => {
      if (options.printSettings === true) {
        for (const line of describeSettings(ControllerSettings)) output.line(line);
        output.value(ControllerSettings);
        return undefined;
      }
      const { readSettings, requireConfig } = await import('../../runtime/settings/read.ts');
      const { SystemClock } = await import('../../adapters/system/index.ts');
      const { createLog } = await import('../../adapters/pino/index.ts');
      const { startController } = await import('../../runtime/controller/start.ts');
      const { connectServiceManager } = await import('../../runtime/service.ts');
      const { ensureFirstToken } = await import('../../runtime/controller/first-token.ts');
      const settings = await readSettings(ControllerSettings, requireConfig(options.config, 'controller'));
      const log = createLog({
        level: output.debug ? 'debug' : 'info',
        pretty: process.stderr.isTTY === true,
      });
      const service = connectServiceManager(log);
      const controller = await startController(settings, { clock: new SystemClock(), log });
      const tokenFile = await ensureFirstToken(controller.controller, settings.dataDir);
      if (tokenFile !== undefined) output.line(`The first admin's token is in ${tokenFile}.`);
      service.ready(`Listens at ${controller.url}`);
      output.line(`Controller: ${controller.url}`);
      output.value({
        type: 'started',
        url: controller.url,
        ...(tokenFile === undefined ? {} : { tokenFile }),
      });
      if (!signal.aborted) await once(signal, 'abort');
      service.stopping();
      await controller.close();
      return 0;
    },
  );
}
