import type { clipRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';
import { sendBytes } from './send-bytes.ts';

/** The clips that devices keep. */
export function clipHandlers({ clips }: Pick<FleetController, 'clips'>): Handlers<typeof clipRoutes> {
  return {
    'GET /devices/:id/clips': ({ params, query }) => clips.list(params.id, query),
    'POST /devices/:id/clips': ({ params, body, caller }) => clips.record(caller, params.id, body),
    'GET /devices/:id/clips/:clip': async ({ params, caller, request, response }) => {
      const { id, clip } = params;
      const size = await clips.open(caller, id, clip);
      response.header('cache-control', 'private, no-cache');
      const name = `${id}-${clip}.mp4`.replace(/[^A-Za-z0-9._-]/g, '_');
      response.header('content-disposition', `inline; filename="${name}"`);
      await sendBytes(request, response, {
        ...{ etag: clip, size, type: 'video/mp4' },
        read: async (range) => clips.read(id, clip, range?.from ?? 0, range?.to ?? size - 1),
      });
    },
  };
}
