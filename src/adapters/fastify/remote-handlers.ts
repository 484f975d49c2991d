import type { addedCameraRoutes, remoteRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Commands on the agents of devices. */
export function remoteHandlers({
  remote,
  cameras,
}: Pick<FleetController, 'remote' | 'cameras'>): Handlers<typeof remoteRoutes & typeof addedCameraRoutes> {
  return {
    'POST /devices/:id/restart': ({ params, caller }) => remote.restart(caller, params.id, 'agent'),
    'POST /devices/:id/reboot': ({ params, caller }) => remote.restart(caller, params.id, 'board'),
    'GET /devices/:id/logs': ({ params, query, caller }) => remote.logs(caller, params.id, query),
    'GET /devices/:id/bundle': async ({ params, caller, response }) => {
      const bytes = await remote.bundle(caller, params.id);
      const name = `${params.id}-support.tar.gz`.replace(/[^A-Za-z0-9._-]/g, '_');
      response.type('application/gzip').header('content-disposition', `attachment; filename="${name}"`);
      await response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
    'POST /devices/:id/camera-trials': ({ params, body, caller }) => cameras.try(caller, params.id, body),
    'POST /devices/:id/cameras': ({ params, body, caller }) => cameras.add(caller, params.id, body),
    'PUT /devices/:id/cameras/:camera/name': ({ params, body, caller }) =>
      cameras.rename(caller, params.id, params.camera, body.name),
    'DELETE /devices/:id/cameras/:camera': ({ params, caller }) =>
      cameras.remove(caller, params.id, params.camera),
  };
}
