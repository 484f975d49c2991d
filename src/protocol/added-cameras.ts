import { type Static, Type } from '@sinclair/typebox';
import { Count } from './scalars.ts';
import { PictureMode, WatcherRole } from './watching.ts';

/** What a camera that is added over the fleet may be: no pipeline, no file and no program. */
export const AddedKind = Type.Union([Type.Literal('rtsp'), Type.Literal('mjpeg'), Type.Literal('v4l2')]);
export type AddedKind = Static<typeof AddedKind>;

/** As names of cameras in settings. */
export const AddedName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' });

export const NewCamera = Type.Object({
  source: Type.String({
    minLength: 1,
    maxLength: 1000,
    description: '`rtsp://host/path`, `http://host/path` (MJPEG) or `v4l2:/dev/video0`',
  }),
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'User of the camera' })),
  password: Type.Optional(
    Type.String({ minLength: 1, maxLength: 500, description: 'Password of that user; never shown again' }),
  ),
});
export type NewCamera = Static<typeof NewCamera>;

const TrialId = Type.String({ pattern: '^[0-9a-f]{16}$' });

export const maxTrialJpegBytes = 160_000;

export const CameraTrial = Type.Object({
  width: Count,
  height: Count,
  encoding: Type.String({ maxLength: 32 }),
  /** From the first connection to the picture. */
  tookMs: Count,
  /** By the device's own rule. */
  privacy: PictureMode,
  /** base64 */
  jpeg: Type.String({ maxLength: 220_000, pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
});
export type CameraTrial = Static<typeof CameraTrial>;

/** The agent restarts to take it up; false: it is used from its next start on. */
const Change = Type.Object({ restarts: Type.Boolean() });

export const addedCameraCalls = {
  /** A picture of a camera that is not there yet. What was tried can be added under the id, for a while. */
  'try-camera': {
    request: Type.Object({ id: TrialId, camera: NewCamera, role: WatcherRole }),
    response: CameraTrial,
  },
  'add-camera': { request: Type.Object({ name: AddedName, trial: TrialId }), response: Change },
  'remove-camera': { request: Type.Object({ name: AddedName }), response: Change },
  'rename-camera': { request: Type.Object({ name: AddedName, to: AddedName }), response: Change },
} as const;
