import { Type } from '@sinclair/typebox';
import { type Clock, MissingError } from '../../base/index.ts';
import { type FleetController, PreviewQuery } from '../../controller/index.ts';
import { EventStream } from './event-stream.ts';
import { type Route, route } from './route.ts';

const CameraParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  camera: Type.String({ minLength: 1, maxLength: 128 }),
});

/** Live news and live pictures, as server-sent events. `opened` hears of every stream, to end it at the close. */
export function streamRoutes(
  controller: FleetController,
  clock: Clock,
  opened: (stream: EventStream) => void,
): Route[] {
  const open = (reply: ConstructorParameters<typeof EventStream>[0]) => {
    const stream = new EventStream(reply, clock);
    opened(stream);
    return stream;
  };
  return [
    route(
      'GET',
      '/stream',
      {
        role: 'viewer',
        tag: 'streams',
        summary:
          'What changes: events `device`, `device-deleted`, `event`, `drift`, `alert` and, every two seconds, `fleet`',
        raw: 'text/event-stream',
      },
      ({ response }) => {
        const stream = open(response);
        stream.send('fleet', controller.fleet());
        stream.onClosed(controller.subscribe((news) => stream.send(news.name, news.data as never)));
      },
    ),
    route(
      'GET',
      '/devices/:id/cameras/:camera/preview',
      {
        role: 'viewer',
        tag: 'streams',
        summary:
          'Live pictures of a camera with detections, while the connection lasts: events `frame` and `preview-fault`',
        params: CameraParams,
        query: PreviewQuery,
        raw: 'text/event-stream',
      },
      ({ params, query, response }) => {
        const device = controller.registry.get(params.id);
        if (device?.birth?.cameras.includes(params.camera) !== true)
          throw new MissingError(
            'camera-unknown',
            `${params.id} has no camera ${params.camera}.`,
            'GET /api/v1/devices/<id> lists its cameras.',
          );
        const stream = open(response);
        const wish = { maxFps: query.maxFps ?? 5, maxWidth: query.maxWidth ?? 640 };
        const cancel = controller.previews.watch(params.id, params.camera, wish, {
          frame: ({ jpeg, ...rest }) => {
            // A slow reader gets fewer pictures, not older ones.
            if (stream.ready) stream.send('frame', { ...rest, jpeg: Buffer.from(jpeg).toString('base64') });
          },
          fault: ({ code, message, remedy }) => stream.send('preview-fault', { code, message, remedy }),
        });
        stream.onClosed(cancel);
      },
    ),
  ];
}
