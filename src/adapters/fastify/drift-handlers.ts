import { Readable } from 'node:stream';
import type { driftRoutes, frameRoutes } from '../../api/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import type { DatasetFile, FleetController } from '../../controller/index.ts';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.ts';
import type { Handlers } from './route.ts';

/** Drift over the fleet and its incidents. */
export function driftHandlers({ drift }: Pick<FleetController, 'drift'>): Handlers<typeof driftRoutes> {
  return {
    'GET /drift': ({ query, view }) => drift.listCameras(query, view),
    'GET /drift/incidents': ({ query, view }) => drift.listIncidents(query, view),
    'GET /drift/incidents/:incident': ({ params, view }) => drift.incidentDetail(params.incident, view),
    'GET /devices/:id/drift': ({ params, view }) => drift.detailOfDevice(params.id, view),
  };
}

/** The hard frames that devices keep. */
export function frameHandlers(
  {
    frames,
    frameViews,
    frameReviews,
    frameExporter,
  }: Pick<FleetController, 'frames' | 'frameViews' | 'frameReviews' | 'frameExporter'>,
  log: Log,
): Handlers<typeof frameRoutes> {
  return {
    'GET /devices/:id/frames': ({ params, query }) => frames.list(params.id, query),
    'GET /devices/:id/frame-reviews': ({ params }) => frameReviews.list(params.id),
    'PUT /devices/:id/frames/:frame/review': ({ params, body, caller }) =>
      frameReviews.review(caller, params.id, params.frame, body.verdict),
    'GET /devices/:id/frames/:frame': async ({ params, caller, response }) => {
      const jpeg = await frameViews.fetch(caller, params.id, params.frame);
      await response.type('image/jpeg').send(Buffer.from(jpeg));
    },
    'GET /devices/:id/frames.tar': async ({ params, query, caller, response }) => {
      const { id } = params;
      try {
        await frameExporter.export(caller, id, query, async (files) => {
          const name = `${id}-frames.tar`.replace(/[^A-Za-z0-9._-]/g, '_');
          response.type('application/x-tar').header('content-disposition', `attachment; filename="${name}"`);
          await response.send(Readable.from(tarOf(files)));
        });
      } catch (error) {
        if (!response.sent) throw error;
        log.warn('An export of frames was cut short', { device: id, cause: describeError(error) });
      }
    },
  };
}

async function* tarOf(files: AsyncIterable<DatasetFile>): AsyncGenerator<Buffer> {
  for await (const { name, content, timeMs } of files) {
    const bytes = Buffer.from(content);
    yield tarHeader(name, bytes.byteLength, timeMs);
    yield bytes;
    yield tarPadding(bytes.byteLength);
  }
  yield tarEnd();
}
