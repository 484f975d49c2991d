import type { Command } from 'commander';
import { whenOnline } from '../../runtime/index.ts';
import { type CommandContext, withWaiting } from '../command.ts';
import { connect, type Target } from './connect.ts';

export interface DeviceWaitOptions extends Target {
  readonly wait?: boolean;
  readonly timeout: number;
}

/** For a command that brings something from a device: `--wait`, and for how long. */
export function withDeviceWait(command: Command): Command {
  return withWaiting(
    command,
    'if the device is offline or its connection ends, continue as soon as it is online',
    '24h',
  );
}

/** Asks the device, as often as `--wait` allows. */
export function askDevice<Answer>(
  { output, signal }: CommandContext,
  { wait, timeout, ...target }: DeviceWaitOptions,
  device: string,
  ask: (client: ReturnType<typeof connect>) => Promise<Answer>,
): Promise<Answer> {
  const client = connect(target);
  const onWait = (reason: string) => output.note(`${reason} Waiting until it is online.`);
  return whenOnline(
    client,
    device,
    () => ask(client),
    wait === true ? { signal, timeoutMs: timeout, onWait } : undefined,
  );
}
