import { type AlertChannelName, alertChannels, channelOf } from '../../api/index.ts';
import { RefusedError } from '../../base/index.ts';

/** One message about an alert. */
export interface AlertMessage {
  /** As the rule has it: `https://host/path`, `mailto:ann@site.example`, `mqtt:site/alerts`. */
  readonly to: string;
  /** Key of the signature, on channels that sign; what a message carries is in its body. */
  readonly secret: string | undefined;
  /** The same for every attempt: whoever gets it twice knows. */
  readonly id: string;
  readonly event: string;
  /** In one line, for people. */
  readonly subject: string;
  readonly body: string;
}

/**
 * Port: one way to tell people or programs. Delivers one message once and resolves with what came back, in words:
 * `hooks.example answered 204`. Rejects with a GoshawkError where nobody took it, whose message names neither a person nor
 * the path of a URL nor the key. A RefusedError is the last word; all else may be tried again. Promises:
 * test/contract/alert-channel.ts.
 */
export interface AlertChannel {
  deliver(message: AlertMessage, timestampMs: number): Promise<string>;
}

/** Channels that this controller was given. */
export type AlertChannels = Readonly<Partial<Record<AlertChannelName, AlertChannel>>>;

const examples = Object.values(alertChannels)
  .map(({ example }) => example)
  .join(', ');

/** By the channel that the address names. */
export async function deliver(
  channels: AlertChannels,
  message: AlertMessage,
  timestampMs: number,
): Promise<string> {
  return expectChannel(channels, message.to).deliver(message, timestampMs);
}

/** RefusedError `channel-off` for an address that this controller cannot reach. */
export function expectChannel(channels: AlertChannels, to: string): AlertChannel {
  const name = channelOf(to);
  const channel = name && channels[name];
  if (channel !== undefined) return channel;
  throw new RefusedError(
    'channel-off',
    name === undefined
      ? 'Goshawk sends no alerts to an address of this kind.'
      : `This controller sends no alerts by ${name}.`,
    name === undefined
      ? `Write it in the rule as ${examples}.`
      : `Enable it in the settings of the controller: ${alertChannels[name].setting}.`,
  );
}
