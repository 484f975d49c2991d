import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connectServiceManager } from '../../../device/systemd/index.ts';
import { createLog } from '../../adapters/pino/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { RefusedError } from '../../base/index.ts';
import { Hangup } from '../hangup.ts';
import type { ProgramOptions } from '../program.ts';
import { ControllerSettings } from '../settings/controller.ts';
import { readSettings } from '../settings/read.ts';
import { liveControllerSettings } from '../settings/reload.ts';
import { SettingsReloader } from '../settings/reloader.ts';
import { warnOfStrayVariables } from '../settings/stray-variables.ts';
import { useAuthorityToken } from './enrolment.ts';
import { adminTokenFile, ensureFirstToken } from './first-token.ts';
import { limitsOf, startController } from './start.ts';

export interface StartedController {
  readonly url: string;
  /** Where the first admin's token is; undefined where somebody removed it. */
  readonly tokenFile: string | undefined;
}

/** The program `goshawk controller`: runs until the signal fires. */
export async function runController(
  { configFile, logLevel, prettyLog, signal }: ProgramOptions,
  onStarted: (controller: StartedController) => void,
): Promise<void> {
  const hangup = new Hangup();
  const settings = await readSettings(ControllerSettings, configFile);
  await useAuthorityToken(settings);
  const log = createLog({ level: logLevel, pretty: prettyLog });
  warnOfStrayVariables(log, ControllerSettings, settings);
  const service = connectServiceManager(log);
  const taken = new AbortController();
  const { controller, url, close } = await startController(
    settings,
    { clock: new SystemClock(), log },
    {
      onStandby() {
        log.info('Another controller has the database; standing by');
        service.ready('Standing by: another controller has the database');
      },
      onTaken: () => taken.abort(),
      signal,
    },
  );
  await ensureFirstToken(controller, settings.dataDir);
  const file = adminTokenFile(settings.dataDir);
  const tokenFile = existsSync(file) ? file : undefined;
  service.ready(`Listens at ${url}`);
  onStarted({ url, tokenFile });
  const reloader = new SettingsReloader(settings, {
    read: () => readSettings(ControllerSettings, configFile),
    live: liveControllerSettings,
    apply: (changed) => controller.reconfigure(limitsOf(changed)),
    log,
  });
  hangup.use(() => void reloader.reload());
  const end = AbortSignal.any([signal, taken.signal]);
  if (!end.aborted) await once(end, 'abort');
  hangup.ignore();
  service.stopping();
  await close();
  if (taken.signal.aborted)
    throw new RefusedError(
      'controller-taken-over',
      'Another controller has taken the database over.',
      'Start this controller again, as systemd does. It then is a standby.',
    );
}
