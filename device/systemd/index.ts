// Around: no package: systemd's notify socket, through the project's own addon or systemd-notify

import type { Log } from '../../src/base/index.ts';
import { readServiceEnvironment } from './environment.ts';
import { notifier } from './notify.ts';
import { type ServiceManager, SystemdService, unmanaged } from './service.ts';

export type { ServiceManager } from './service.ts';

/** The service manager that started this process, or one that does nothing. For the main process alone, once. */
export function connectServiceManager(
  log: Log,
  isHealthy: () => boolean = () => true,
  environment: Record<string, string | undefined> = process.env,
): ServiceManager {
  const told = readServiceEnvironment(environment, process.pid);
  // Processes that are started later are not the service.
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  if (told === undefined) return unmanaged;
  return new SystemdService({ notify: notifier(told.socket), log, isHealthy }, told.watchdogMs);
}
