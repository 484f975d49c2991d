import type { Clock, Log } from '../../base/index.ts';
import type { Transport } from '../../protocol/index.ts';
import type { Outlet, StreamCounts } from '../../streams/index.ts';
import { isLoopback } from '../loopback.ts';
import type { StreamSetting } from '../settings/streams.ts';

/** What every kind may need. */
export interface StreamPorts {
  readonly stream: string;
  readonly device: string;
  readonly cameras: readonly string[];
  /** Classes that the stream is about; absent: all. */
  readonly classes: readonly string[] | undefined;
  readonly counts: StreamCounts;
  readonly clock: Clock;
  readonly log: Log;
  /** What may be kept on the disk; absent: nothing is. */
  readonly dataDir?: string;
  /** The day's bytes; absent: there is no cap. */
  readonly budget?: StreamBudget;
  /** The fleet's broker; absent: there is no fleet. */
  readonly fleet?: (camera: string, text: string) => Promise<void>;
}

export interface StreamBudget {
  /** Rejects what is published where the day's bytes are used up. */
  meterResults(transport: Transport): Transport;
  /** Throws `budget-spent` where there is no room. */
  spend(kind: 'result', bytes: number): void;
}

export type StreamKindName = 'fleet' | 'mqtt' | 'webhook' | 'websocket' | 'mcap';
export type SettingOf<K extends StreamKindName> = NonNullable<StreamSetting[K]>;

/** One way for results to leave. */
export interface StreamKind<K extends StreamKindName> {
  /** What `goshawk run --publish` takes for it, in words of its help; absent: nothing. */
  readonly address?: string;
  /** The settings that such an address stands for; undefined for an address of another kind. */
  readonly read?: (address: string) => Readonly<Record<string, unknown>> | undefined;
  /** Where it goes, without secrets. */
  to(setting: SettingOf<K>, ports: Pick<StreamPorts, 'device'>): string;
  open(setting: SettingOf<K>, ports: StreamPorts): Promise<Outlet>;
}

/** Addresses of this machine: what goes there leaves no device. */
export function isLocal(url: string): boolean {
  return isLoopback(new URL(url).hostname);
}

/** An address of `--publish` without user and secrets. */
export function redactAddress(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/s, '');
}
