import type { Command } from 'commander';
import {
  ControllerSettings,
  checkSettingsFile,
  describeSettings,
  fileSchema,
  runController,
} from '../../runtime/index.ts';
import { examples, finish, requireConfig } from '../command.ts';
import { authorityCommands } from './authority.ts';

interface Options {
  readonly config?: string;
  readonly check?: boolean;
  readonly printSchema?: boolean;
  readonly printSettings?: boolean;
}

export function controllerCommand(program: Command): void {
  const controller = program.command('controller');
  authorityCommands(controller);
  finish<Options>(
    controller
      .description('run the controller of the fleet: registry, metrics, events, orders, HTTP API, dashboard')
      .option('--config <file>', 'settings as JSON')
      .option('--check', 'check the settings and the files that they name, and do nothing else')
      .option('--print-schema', 'JSON Schema of the settings file, for editors, and nothing else')
      .option('--print-settings', 'every setting with its default and meaning, and nothing else')
      .addHelpText(
        'after',
        examples(
          'controller --config /etc/goshawk/controller.json',
          'controller --config /etc/goshawk/controller.json --check',
          'controller --print-settings',
        ),
      ),
    async ({ output, signal }, options) => {
      if (options.printSettings === true) {
        for (const line of describeSettings(ControllerSettings)) output.line(line);
        output.value(ControllerSettings);
        return undefined;
      }
      if (options.printSchema === true) {
        output.document(fileSchema(ControllerSettings, 'Settings of goshawk controller'));
        return undefined;
      }
      const configFile = requireConfig(options.config, 'controller');
      if (options.check === true) {
        const notes = await checkSettingsFile(ControllerSettings, configFile);
        for (const note of notes) output.note(note);
        output.line('ok');
        output.value({ type: 'checked', ok: true, notes });
        return undefined;
      }
      const program = {
        configFile,
        logLevel: output.debug ? ('debug' as const) : ('info' as const),
        prettyLog: process.stderr.isTTY === true,
        signal,
      };
      await runController(program, ({ url, tokenFile }) => {
        for (const line of startedLines(url, tokenFile)) output.line(line);
        output.value({ type: 'started', url, ...(tokenFile === undefined ? {} : { tokenFile }) });
      });
      return 0;
    },
  );
}

/** Never the token itself: what a service prints is a log. */
export function startedLines(url: string, tokenFile: string | undefined): string[] {
  return [
    `Controller: ${url}`,
    tokenFile === undefined
      ? 'Sign in there with a token; an admin makes one: goshawk fleet create-token'
      : `Sign in there with the admin's token in ${tokenFile}`,
  ];
}
