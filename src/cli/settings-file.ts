import type { TSchema } from '@sinclair/typebox';
import type { Command } from 'commander';
import { InputError } from '../base/index.ts';
import {
  agentChapters,
  checkSettingsFile,
  controllerChapters,
  describeChapters,
  fileSchema,
  givesSettings,
} from '../runtime/index.ts';
import { exitCodes } from './exit-codes.ts';
import type { Output } from './output.ts';

/** Of a program that runs with a settings file. */
export interface SettingsOptions {
  readonly config?: string;
  readonly check?: boolean;
  readonly printSchema?: boolean;
  readonly printSettings?: boolean;
}

const chapters = { agent: agentChapters, controller: controllerChapters };

const justCheck = 'check the settings and the files that they name, then end';

export function settingsOptions(command: Command, check = justCheck): Command {
  return command
    .option('--check', check)
    .option('--print-schema', 'print the JSON Schema of the settings file, for editors, then end')
    .option('--print-settings', 'print every setting with its default and meaning, then end');
}

/** Checks what the settings name; gives the exit status. */
export type CheckFile = (config: string | undefined) => Promise<number>;

/** The file to run with, undefined for the environment alone; the exit status if the settings were only printed or checked. */
export async function settingsFile(
  schema: TSchema,
  program: 'agent' | 'controller',
  { config, check, printSchema, printSettings }: SettingsOptions,
  output: Output,
  checkFile: CheckFile = (file) => checkAlone(schema, file, output),
): Promise<string | undefined | number> {
  if (printSettings === true) {
    for (const { title, lines } of describeChapters(schema, chapters[program]))
      for (const line of [`# ${title}`, ...lines, '']) output.line(line);
    output.value(schema);
    return exitCodes.ok.code;
  }
  if (printSchema === true) {
    output.document(fileSchema(schema, `Settings of goshawk ${program}`));
    return exitCodes.ok.code;
  }
  if (config === undefined && !givesSettings(schema, process.env))
    throw new InputError(
      'config-missing',
      `goshawk ${program} needs its settings.`,
      `Give --config FILE, or set variables such as GOSHAWK_DATA_DIR; \`goshawk ${program} --print-settings\` lists the settings.`,
    );
  return check === true ? checkFile(config) : config;
}

async function checkAlone(schema: TSchema, config: string | undefined, output: Output): Promise<number> {
  const notes = await checkSettingsFile(schema, config);
  for (const note of notes) output.note(note);
  output.line('ok');
  output.value({ type: 'checked', ok: true, notes });
  return exitCodes.ok.code;
}
