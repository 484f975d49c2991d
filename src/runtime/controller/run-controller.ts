import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connectServiceManager } from '../../../device/systemd/index.ts';
import type { Health } from '../../adapters/fastify/index.ts';
import { LeaderLabel } from '../../adapters/kubernetes/index.ts';
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
import { startApi } from './api.ts';
import { useAuthorityToken } from './enrolment.ts';
import { adminTokenFile, ensureFirstToken } from './first-token.ts';
import { IngestRole } from './ingest.ts';
import { ProcessProbes, type RoleHealth } from './probes.ts';
import { rolesOf } from './roles.ts';
import { limitsOf, startController } from './start.ts';

export interface StartedController {
  /** Where the API is; undefined where this process has none. */
  readonly url: string | undefined;
  /** Where the first admin's token is; undefined where somebody removed it. */
  readonly tokenFile: string | undefined;
}

/** One of the roles of this process, while it has it. */
interface RunningRole {
  reconfigure(settings: ControllerSettings): void;
  close(): Promise<void>;
}

/** The program `goshawk controller`: runs until the signal fires. */
export async function runController(
  { configFile, logLevel, prettyLog, signal }: ProgramOptions,
  onStarted: (controller: StartedController) => void,
): Promise<void> {
  const hangup = new Hangup();
  const settings = await readSettings(ControllerSettings, configFile);
  const roles = rolesOf(settings);
  await useAuthorityToken(settings);
  const log = createLog({ level: logLevel, pretty: prettyLog });
  warnOfStrayVariables(log, ControllerSettings, settings);
  const service = connectServiceManager(log);
  const probes = await ProcessProbes.open(settings);
  const ports = { clock: new SystemClock(), log, probes };
  const failed = new AbortController();
  const end = AbortSignal.any([signal, failed.signal]);
  const onOutdated = (error: unknown) => failed.abort(error);
  const running: RunningRole[] = [];
  try {
    if (roles.has('ingest')) {
      const ingest = new IngestRole(settings, { ...ports, signal: end, onOutdated });
      running.push(ingest);
      if (roles.has('control') || roles.has('api'))
        ingest.started.catch((error: unknown) => failed.abort(error));
      else {
        await ingest.started;
        service.ready('Stores metrics and events');
        onStarted({ url: undefined, tokenFile: undefined });
      }
    }
    if (roles.has('api')) {
      const { url, close } = await startApi(settings, { ...ports, signal: end, onOutdated });
      running.push({ close, reconfigure: () => {} });
      service.ready(`Listens at ${url}`);
      onStarted({ url, tokenFile: undefined });
    }
    if (!roles.shared || roles.has('control')) {
      const label = settings.kubernetes && new LeaderLabel({ ...settings.kubernetes, ...ports });
      label?.set(false);
      if (label !== undefined) running.push({ close: () => label.close(), reconfigure: () => {} });
      const { controller, url, health, close } = await startController(
        settings,
        { ...ports, process: probes.metrics },
        {
          onStandby() {
            log.info('Another controller has the database; standing by');
            probes.show('control', () => ({ part: 'standby', well: true }));
            service.ready('Standing by: another controller has the database');
          },
          onTaken: () => failed.abort(takenOver()),
          signal: end,
        },
      );
      running.push({ close, reconfigure: (changed) => controller.reconfigure(limitsOf(changed)) });
      probes.show('control', () => leaderHealth(health()));
      label?.set(true);
      await ensureFirstToken(controller, settings.dataDir);
      const file = adminTokenFile(settings.dataDir);
      service.ready(`Listens at ${url}`);
      onStarted({ url, tokenFile: existsSync(file) ? file : undefined });
    }
    const reloader = new SettingsReloader(settings, {
      read: () => readSettings(ControllerSettings, configFile),
      live: liveControllerSettings,
      apply: (changed) => {
        for (const role of running) role.reconfigure(changed);
      },
      log,
    });
    hangup.use(() => void reloader.reload());
    if (!end.aborted) await once(end, 'abort');
    hangup.ignore();
    service.stopping();
  } finally {
    for (const role of running.reverse()) await role.close();
    probes.close();
  }
  if (failed.signal.aborted) throw failed.signal.reason;
}

function leaderHealth({ status, body }: Health): RoleHealth {
  return { part: 'leader', well: status === 200, details: body as Readonly<Record<string, unknown>> };
}

function takenOver(): RefusedError {
  return new RefusedError(
    'controller-taken-over',
    'Another controller has taken the database over.',
    'Start this controller again, as systemd does. It then is a standby.',
  );
}
