import type { FastifyReply } from 'fastify';
import type { streamRoutes } from '../../api/index.ts';
import type { Caller, FleetController } from '../../controller/index.ts';
import type { EventStream } from './event-stream.ts';
import type { Handlers } from './route.ts';

/** Live updates and live pictures, as server-sent events. `openStream` answers a request with a stream. */
export function streamHandlers(
  { updates, summary, previews }: Pick<FleetController, 'updates' | 'summary' | 'previews'>,
  openStream: (response: FastifyReply, caller: Caller) => EventStream,
): Handlers<typeof streamRoutes> {
  return {
    'GET /stream': ({ response, caller }) => {
      const stream = openStream(response, caller);
      stream.send('fleet', summary.current());
      stream.onClosed(updates.subscribe((update) => stream.send(update.name, update.data as never, update)));
    },
    'GET /devices/:id/cameras/:camera/preview': ({ params, query, response, caller }) => {
      const { id, camera } = params;
      previews.expectCamera(id, camera);
      const stream = openStream(response, caller);
      const request = { maxFps: query.maxFps ?? 5, maxWidth: query.maxWidth ?? 640 };
      const cancel = previews.watch(id, camera, request, {
        frame: ({ jpeg, ...rest }) => {
          // A slow reader gets fewer pictures, not older ones.
          if (stream.ready) stream.send('frame', { ...rest, jpeg: Buffer.from(jpeg).toString('base64') });
        },
        fault: ({ code, message, remedy }) => stream.send('preview-fault', { code, message, remedy }),
      });
      stream.onClosed(cancel);
    },
  };
}
