import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { RemoteRefusals } from '../../agent/index.ts';
import { describeError, GoshawkError } from '../../base/index.ts';
import type { RemoteSettings } from '../settings/remote.ts';

/** Files that a container has, of Docker and of Podman. */
const containerFiles = ['/.dockerenv', '/run/.containerenv'];

/** Whether something starts this process again when it ends. */
export function isSupervised(
  env: Readonly<Record<string, string | undefined>> = process.env,
  exists: (path: string) => boolean = existsSync,
): boolean {
  if (env.NOTIFY_SOCKET !== undefined || env.container !== undefined) return true;
  return containerFiles.some(exists);
}

/** What the fleet may not do here, and why. */
export function remoteRefusals(
  { restart, rebootProgram, logs, bundle }: RemoteSettings,
  supervised: boolean,
): RemoteRefusals {
  const mayRestart = restart === 'auto' ? supervised : restart;
  const refused = (what: string, remedy: string) => ({
    message: `The settings of this device do not allow the fleet to ${what}.`,
    remedy,
  });
  return {
    ...(mayRestart
      ? {}
      : { restart: restart === 'auto' ? unsupervised : refused('restart the agent', set('restart')) }),
    ...(rebootProgram === undefined
      ? {
          reboot: refused(
            'restart the board',
            'Its owner sets remote.rebootProgram in the settings of the agent.',
          ),
        }
      : {}),
    ...(logs ? {} : { logs: refused('read its log', set('logs')) }),
    ...(bundle ? {} : { bundle: refused('download a support bundle', set('bundle')) }),
  };
}

const unsupervised = {
  message: 'This agent would not start again: it runs neither under systemd nor in a container.',
  remedy: 'Run it as a service, or set remote.restart to true if another program starts it again.',
};

function set(name: string): string {
  return `Its owner sets remote.${name} to true in the settings of the agent.`;
}

const longestProgramMs = 30_000;

/** Rejects where the program fails. What it starts ends this process, sooner or later. */
export function runRebootProgram([program = '', ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(
        new GoshawkError(
          'reboot-failed',
          `${program} ${why}.`,
          'Check remote.rebootProgram, and what this user may do.',
          { cause },
        ),
      );
    const child = spawn(program, args, { stdio: 'ignore', timeout: longestProgramMs });
    child.once('error', (error) => fail(`could not be started: ${describeError(error)}`, error));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else fail(signal === null ? `ended with status ${code}` : `was ended by ${signal}`);
    });
  });
}
