import { fromBase64 } from '../../base/index.ts';
import { addressOf } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { PreviewFrame } from '../api/types.ts';
import { keepStream } from '../state/connection.ts';

export type PreviewState =
  | { readonly state: 'connecting' }
  | {
      readonly state: 'frame';
      readonly frame: PreviewFrame;
      /** Closed by whoever draws it. */
      readonly image: ImageBitmap;
      readonly receivedMs: number;
    }
  | { readonly state: 'fault'; readonly failure: Failure };

/**
 * Watches one camera while the page is visible: the device sends pictures only while somebody looks. Frames that come
 * faster than they can be decoded are left out. Returns what ends it.
 */
export function watchPreview(
  device: string,
  camera: string,
  onState: (state: PreviewState) => void,
): () => void {
  let stream: { close: () => void } | undefined;
  let decoding = false;
  let ended = false;

  const show = async (frame: PreviewFrame): Promise<void> => {
    if (decoding) return;
    decoding = true;
    try {
      // From bytes, not from a data: address: the page's content policy allows none.
      const image = await createImageBitmap(new Blob([fromBase64(frame.jpeg)], { type: 'image/jpeg' }));
      if (ended) image.close();
      else onState({ state: 'frame', frame, image, receivedMs: Date.now() });
    } catch {
      if (!ended) onState({ state: 'fault', failure: brokenPicture });
    } finally {
      decoding = false;
    }
  };

  const follow = (): void => {
    stream?.close();
    stream = undefined;
    if (document.hidden) return;
    stream = keepStream({
      address: addressOf('GET /devices/:id/cameras/:camera/preview', {
        params: { id: device, camera },
        query: { maxFps: 8, maxWidth: Math.min(1280, Math.round(innerWidth * devicePixelRatio)) },
      }),
      // Without frames there is a comment every 15 seconds.
      silenceMs: 40_000,
      onState: (next) => {
        if (next.state === 'lost' && next.failure.code !== 'stream-ended') {
          onState({ state: 'fault', failure: next.failure });
        }
      },
      onEvent: ({ event, data }) => {
        if (event === 'frame') show(JSON.parse(data) as PreviewFrame);
        if (event === 'preview-fault') onState({ state: 'fault', failure: asFault(data) });
      },
    });
  };

  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', follow);
    stream?.close();
  };
}

const brokenPicture: Failure = {
  status: 0,
  code: 'preview-broken',
  message: 'The received image is not a readable JPEG.',
  remedy: "Check the device's events for a camera fault.",
};

function asFault(data: string): Failure {
  try {
    return { status: 0, ...(JSON.parse(data) as { code: string; message: string; remedy: string }) };
  } catch (error) {
    return asFailure(error);
  }
}
