import { GoshawkError, LimitError } from '../../base/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { CameraStream } from './answers.ts';
import type { Discovered, OnvifThread, StreamRequest } from './thread.ts';

/**
 * Cameras that answer a WS-Discovery probe within `waitMs`. Anybody in the network can answer, so all they say is bounded,
 * and read in a thread that may die. `networkInterface`: `eth0`; absent: that of the default route.
 */
export function discoverCameras(
  request: { readonly waitMs: number; readonly networkInterface?: string },
  signal: AbortSignal,
): Promise<Discovered> {
  return within(request.waitMs + 20_000, signal, (thread) => thread.call('discover', request));
}

/**
 * The streams that a camera has. The login is sent to the address in `service` alone, whatever the camera answers; over
 * http as a digest. Throws an InputError where the camera refuses or answers something else.
 */
export function streamsOf(request: StreamRequest, signal: AbortSignal): Promise<readonly CameraStream[]> {
  return within(3 * request.timeoutMs, signal, (thread) => thread.call('streams', request));
}

async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  ask: (thread: WorkerHost<OnvifThread>) => Promise<T>,
): Promise<T> {
  const thread = new WorkerHost<OnvifThread>({
    module: moduleUrl('./thread', import.meta.url),
    ...{ name: 'onvif', data: undefined, what: 'The search for cameras' },
    death: (why) =>
      new GoshawkError(
        'onvif-died',
        `The search for cameras failed: ${why}.`,
        'Try again; if a camera answers too much, name its network with --interface, or its address.',
      ),
    limits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 },
  });
  const stop = () => void thread.terminate();
  signal.addEventListener('abort', stop, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new LimitError(
            'onvif-late',
            `The camera did not list its streams within ${Math.round(limitMs / 1000)} s.`,
            'Check its address and its network, and try again.',
          ),
        ),
      limitMs,
    );
  });
  try {
    return await Promise.race([ask(thread), late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
