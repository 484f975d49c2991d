import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolesOf } from '../../../src/runtime/controller/roles.ts';
import { ControllerSettings } from '../../../src/runtime/settings/controller.ts';
import { withEnvironment } from '../../../src/runtime/settings/environment.ts';
import { checkSettings } from '../../../src/runtime/settings/read.ts';
import { strayVariables } from '../../../src/runtime/settings/stray-variables.ts';
import { projectRoot } from '../goshawk.ts';

export interface ImageProcess {
  readonly settings: ControllerSettings;
  readonly roles: readonly string[];
  /** Names of variables that no program reads. */
  readonly stray: readonly string[];
  /** Files of secrets that the settings name. */
  readonly files: readonly string[];
}

/** The settings of a process in the image of the controller, which has its file and this environment. */
export function settingsOf(environment: Readonly<Record<string, string>>): ImageProcess {
  const file = readFileSync(join(projectRoot, 'deploy/package/oci/settings/controller.json'), 'utf8');
  const given = JSON.parse(file.replace('@STATE@', '/var/lib/goshawk-controller'));
  const { value } = withEnvironment(ControllerSettings, given, environment);
  const settings = checkSettings(ControllerSettings, value, 'environment');
  rolesOf(settings);
  return {
    settings,
    roles: settings.roles ?? [],
    stray: strayVariables(ControllerSettings, settings, environment).map(({ name }) => name),
    files: Object.values(environment).filter((text) => text.startsWith('/run/secrets/')),
  };
}
