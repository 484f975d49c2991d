import type { FastifyReply } from 'fastify';
import type { streamRoutes } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import { type Caller, type FleetController, UpdatesInView } from '../../controller/index.ts';
import type { EventStream } from './event-stream.ts';
import type { Handlers } from './route.ts';
import { sendUpdate } from './send-update.ts';

/** Live updates and live pictures, as server-sent events. `openStream` answers a request with a stream. */
export function streamHandlers(
  {
    updates,
    summary,
    previews,
    watches,
  }: Pick<FleetController, 'updates' | 'summary' | 'previews' | 'watches'>,
  clock: Clock,
  openStream: (response: FastifyReply, caller: Caller) => EventStream,
): Handlers<typeof streamRoutes> {
  return {
    'GET /stream': ({ response, caller, view }) => {
      const stream = openStream(response, caller);
      stream.send('fleet', summary.current(view));
      const inView = new UpdatesInView(view, () => summary.current(view));
      const cancel = updates.subscribe((update) => {
        const shown = inView.shown(update);
        if (shown !== undefined) sendUpdate(stream, shown);
      });
      stream.onClosed(cancel);
    },
    'GET /devices/:id/cameras/:camera/preview': async ({ params, query, response, caller, view }) => {
      const { id, camera } = params;
      previews.expectCamera(id, camera);
      await watches.began(caller, id, camera);
      const stream = openStream(response, caller);
      const beganMs = clock.monotonicMs();
      const seen = { pictures: 0, privacy: new Set<string>() };
      const role = caller.role === 'device' ? 'viewer' : caller.role;
      const request = { role, maxFps: query.maxFps ?? 5, maxWidth: query.maxWidth ?? 640 };
      const cancel = previews.watch(id, camera, request, {
        frame: ({ jpeg, ...rest }) => {
          // It may have come to another part of the fleet since.
          if (!view.has(id)) return stream.end();
          // A slow reader gets fewer pictures, not older ones.
          if (!stream.ready) return;
          seen.pictures += 1;
          seen.privacy.add(rest.privacy ?? 'plain');
          stream.send('frame', { ...rest, jpeg: Buffer.from(jpeg).toString('base64') });
        },
        fault: ({ code, message, remedy }) => stream.send('preview-fault', { code, message, remedy }),
      });
      stream.onClosed(() => {
        cancel();
        const seconds = (clock.monotonicMs() - beganMs) / 1000;
        void watches.ended(caller, id, camera, { ...seen, seconds, privacy: [...seen.privacy] });
      });
    },
  };
}
