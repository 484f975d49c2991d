import type { Command } from 'commander';
import { InputError } from '../base/index.ts';
import { checkSettingsFile, describeSettings, fileSchema } from '../runtime/index.ts';
import { exitCodes } from './exit-codes.ts';
import type { Output } from './output.ts';

/** Of a program that runs with a settings file. */
export interface SettingsOptions {
  readonly config?: string;
  readonly check?: boolean;
  readonly printSchema?: boolean;
  readonly printSettings?: boolean;
}

const justCheck = 'check the settings and the files that they name, then end';

export function settingsOptions(command: Command, check = justCheck): Command {
  return command
    .option('--check', check)
    .option('--print-schema', 'print the JSON Schema of the settings file, for editors, then end')
    .option('--print-settings', 'print every setting with its default and meaning, then end');
}

/** Checks what the settings name; gives the exit status. */
export type CheckFile = (config: string) => Promise<number>;

/** The file to run with; the exit status where something was asked about the settings alone, which is answered then. */
export async function settingsFile(
  schema: Parameters<typeof describeSettings>[0],
  program: 'agent' | 'controller',
  { config, check, printSchema, printSettings }: SettingsOptions,
  output: Output,
  checkFile: CheckFile = (file) => checkAlone(schema, file, output),
): Promise<string | number> {
  if (printSettings === true) {
    for (const line of describeSettings(schema)) output.line(line);
    output.value(schema);
    return exitCodes.ok.code;
  }
  if (printSchema === true) {
    output.document(fileSchema(schema, `Settings of goshawk ${program}`));
    return exitCodes.ok.code;
  }
  // `--config` is needed, but `--print-settings` works without it, so commander can't require it.
  if (config === undefined)
    throw new InputError(
      'config-missing',
      `goshawk ${program} needs its settings.`,
      `Give --config FILE; see \`goshawk ${program} --print-settings\` and deploy/systemd/${program}.json.`,
    );
  return check === true ? checkFile(config) : config;
}

async function checkAlone(
  schema: Parameters<typeof describeSettings>[0],
  config: string,
  output: Output,
): Promise<number> {
  const notes = await checkSettingsFile(schema, config);
  for (const note of notes) output.note(note);
  output.line('ok');
  output.value({ type: 'checked', ok: true, notes });
  return exitCodes.ok.code;
}
