import { execFile } from 'node:child_process';
import { loadNative } from '../../native/index.ts';

/** Brings a text of sd_notify to the service manager. */
export type Notify = (text: string) => Promise<void>;

/**
 * Node has no datagram sockets of a path: the addon has one. Without the addon the program `systemd-notify` tells it, which
 * the unit must allow (NotifyAccess=all), for it is another process.
 */
export function notifier(socket: string): Notify {
  try {
    const { notify } = loadNative();
    return async (text) => notify(socket, text);
  } catch {
    return (text) => tellByProgram(socket, text);
  }
}

export function tellByProgram(socket: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NOTIFY_SOCKET: socket };
    execFile('systemd-notify', text.split('\n'), { env, timeout: 5_000 }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
