import { type Static, Type } from '@sinclair/typebox';
import { AddedName, addedCameraCalls, NewCamera } from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { closed, described, strict } from './scalars.ts';

const TrialId = Type.String({ pattern: '^[0-9a-f]{16}$', description: 'Id of the test picture' });

export const CameraTrialAnswer = Type.Composite(
  [Type.Object({ trial: TrialId }), addedCameraCalls['try-camera'].response],
  { description: 'A test picture, as the role may see it by the rule of the device' },
);
export type CameraTrialAnswer = Static<typeof CameraTrialAnswer>;

export const CameraToAdd = Type.Object(
  { name: { ...AddedName, description: 'Name of the camera on the device' }, trial: TrialId },
  closed,
);
export type CameraToAdd = Static<typeof CameraToAdd>;

const CameraParams = Type.Object({
  id: DeviceParams.properties.id,
  camera: { ...AddedName, description: 'Name of a camera that was added' },
});

export const CameraChange = described(
  addedCameraCalls['add-camera'].response,
  '`restarts`: the agent restarts now to take it up; otherwise it is used from its next start on',
);
export type CameraChange = Static<typeof CameraChange>;

/** Cameras that are added beside those of a device's settings file, where that allows it. */
export const addedCameraRoutes = {
  'POST /devices/:id/camera-trials': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'cameras',
    summary:
      'Have the device connect to a camera that it does not have yet, and get a picture; the device keeps the camera only when you add it',
    params: DeviceParams,
    body: described(strict(NewCamera), 'RTSP, MJPEG over HTTP, or V4L2; a password is never shown again'),
    reply: CameraTrialAnswer,
  },
  'POST /devices/:id/cameras': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'cameras',
    summary: 'Add a camera that was tried in the last ten minutes',
    params: DeviceParams,
    body: CameraToAdd,
    reply: CameraChange,
  },
  'PUT /devices/:id/cameras/:camera/name': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'cameras',
    summary: 'Give a camera that was added another name',
    params: CameraParams,
    body: Type.Object({ name: { ...AddedName, description: 'New name of the camera' } }, closed),
    reply: CameraChange,
  },
  'DELETE /devices/:id/cameras/:camera': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'cameras',
    summary: 'Remove a camera that was added',
    params: CameraParams,
    reply: CameraChange,
  },
} as const satisfies RouteTable;
