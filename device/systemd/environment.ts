/** What systemd says to a service of `Type=notify`, in its environment. */
export interface ServiceEnvironment {
  readonly socket: string;
  readonly watchdogMs?: number;
}

/** Undefined where nobody waits to be told, or where the watchdog is another process's. */
export function readServiceEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  processId: number,
): ServiceEnvironment | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = environment;
  // Other kinds (vsock:) are for virtual machines.
  if (socket === undefined || !/^[/@]./.test(socket)) return undefined;
  const watchdogMs = Number(microseconds) / 1000;
  const isOurs = watched === undefined || watched === '' || Number(watched) === processId;
  return Number.isFinite(watchdogMs) && watchdogMs > 0 && isOurs ? { socket, watchdogMs } : { socket };
}
