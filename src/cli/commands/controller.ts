import type { Command } from 'commander';
import { defined } from '../../base/index.ts';
import { ControllerSettings, checkController, runController } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { type SettingsOptions, settingsFile, settingsOptions } from '../settings-file.ts';
import { authorityCommands } from './authority.ts';
import { backupCommands } from './controller-backup.ts';

export function controllerCommand(program: Command): void {
  const controller = program.command('controller');
  authorityCommands(controller);
  backupCommands(controller);
  finish<SettingsOptions>(
    settingsOptions(
      controller
        .description(
          'run the controller of the fleet: registry, metrics, events, orders, HTTP API, dashboard',
        )
        .option('--config <file>', 'settings as YAML or JSON; without it they come from the environment'),
    ).addHelpText(
      'after',
      examples(
        'controller --config /etc/goshawk/controller.json',
        'controller --config /etc/goshawk/controller.json --check',
        'controller --print-settings',
      ),
    ),
    async ({ output, signal }, options) => {
      const configFile = await settingsFile(ControllerSettings, 'controller', options, output, (file) =>
        check(file, output),
      );
      if (typeof configFile === 'number') return configFile;
      const program = {
        configFile,
        logLevel: output.debug ? ('debug' as const) : ('info' as const),
        prettyLog: process.stderr.isTTY === true,
        signal,
      };
      await runController(program, ({ url, tokenFile }) => {
        const lines = url === undefined ? ['Stores metrics and events.'] : startedLines(url, tokenFile);
        for (const line of lines) output.line(line);
        output.value({ type: 'started', ...defined({ url, tokenFile }) });
      });
      return 0;
    },
  );
}

async function check(file: string | undefined, output: Output): Promise<number> {
  const { notes, database, store } = await checkController(file);
  for (const note of notes) output.note(note);
  if (database !== undefined)
    output.line(
      `database: ${database.where}, PostgreSQL ${database.server}, ${database.schema === undefined ? 'empty' : `schema ${database.schema}`}`,
    );
  if (store !== undefined) output.line(`models: ${store}`);
  output.line('ok');
  output.value({ type: 'checked', ok: true, notes, ...defined({ database, store }) });
  return exitCodes.ok.code;
}

/** Never the token itself: what a service prints is a log. */
export function startedLines(url: string, tokenFile: string | undefined): string[] {
  return [
    `Controller: ${url}`,
    tokenFile === undefined
      ? 'Sign in there with a token; an admin makes one: goshawk token create'
      : `Sign in there with the admin's token in ${tokenFile}`,
  ];
}
