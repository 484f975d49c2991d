import { encodePreview } from '../../adapters/sharp/index.ts';
import type { DeviceAgent, PrivacyRule } from '../../agent/index.ts';
import { type Clock, describeError, InputError, type Log, MissingError } from '../../base/index.ts';
import type { MakePicture, ResultStreams } from '../../streams/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import type { StreamBudget } from '../streams/kind.ts';
import { openStreams } from '../streams/open-streams.ts';
import { graphPicture } from './ros-services.ts';

export interface StreamWiring {
  readonly clock: Clock;
  readonly log: Log;
  readonly budget: StreamBudget;
  readonly privacy: PrivacyRule;
  /** It comes after the streams. */
  readonly agent: () => Pick<DeviceAgent, 'sendResult'> | undefined;
}

/** Where the settings let results go beside ROS 2. */
export async function openDeviceStreams(
  { streams, cameras, device, dataDir, statistics }: AgentSettings & { readonly device: string },
  { agent, privacy, ...ports }: StreamWiring,
): Promise<ResultStreams> {
  if (statistics.counts === 'summed' && Object.values(streams).some(({ fleet }) => fleet === true))
    throw new InputError(
      'stream-withheld',
      'The settings have a stream to the fleet, and say that the fleet sees no counts (statistics.counts: "summed").',
      'Remove one of the two from the settings.',
    );
  return openStreams(streams, {
    ...{ ...ports, device, dataDir, cameras: Object.keys(cameras), makePicture: privatePicture(privacy) },
    onFailed: (stream, error) =>
      ports.log.error('A stream is not there until the agent starts again', {
        ...{ stream, reason: describeError(error) },
      }),
    fleet: async (camera, text) => {
      const sender = agent();
      if (sender === undefined)
        throw new MissingError(
          'transport-offline',
          'The agent is starting.',
          'It connects in a few seconds.',
        );
      await sender.sendResult(camera, text);
    },
  });
}

/** Nobody knows who looks: what the robot's own graph may see. */
export function privatePicture(rule: PrivacyRule): MakePicture {
  const redact = graphPicture(rule);
  return async (image, result, { maxWidth }) =>
    Buffer.from(await encodePreview(await redact(image, result), { maxWidth })).toString('base64');
}
