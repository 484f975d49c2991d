import { encodePreview } from '../../adapters/sharp/index.ts';
import type { MakePicture, ResultStreams } from '../../streams/index.ts';
import { openStreams, type StreamsPorts } from './open-streams.ts';
import { readStreamAddress } from './read-address.ts';

/** Streams to addresses, as `goshawk run --publish` has them; pictures as they are. */
export function openAddresses(
  addresses: readonly string[],
  ports: Omit<StreamsPorts, 'makePicture'>,
): Promise<ResultStreams> {
  const settings = addresses.map((address, at) => [`publish-${at + 1}`, readStreamAddress(address)] as const);
  return openStreams(Object.fromEntries(settings), { ...ports, makePicture: plainPicture });
}

const plainPicture: MakePicture = async (image, _result, { maxWidth }) =>
  Buffer.from(await encodePreview(image, { maxWidth })).toString('base64');
