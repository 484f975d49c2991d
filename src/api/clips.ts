import { type Static, Type } from '@sinclair/typebox';
import { clipCalls } from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { described, limit, name } from './scalars.ts';

const clipId = '^[0-9a-z]{1,16}-[0-9a-z]{1,16}$';

export const ClipListQuery = Type.Object({
  camera: Type.Optional(name('Only clips of this camera')),
  after: Type.Optional(
    Type.String({ pattern: clipId, description: 'Only clips after the one with this id' }),
  ),
  limit: Type.Optional(limit(100, 100)),
});
export type ClipListQuery = Static<typeof ClipListQuery>;

export const ClipList = described(clipCalls.clips.response, "The device's own answer, oldest first");
export type ClipList = Static<typeof ClipList>;

const seconds = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 300, description }));

export const ClipRequest = Type.Object({
  camera: name('Camera of the device'),
  before: seconds('Seconds before now; default: the setting of the camera'),
  after: seconds('Seconds after now; default: the setting of the camera'),
});
export type ClipRequest = Static<typeof ClipRequest>;

const ClipParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the device' }),
  clip: Type.String({ pattern: clipId, description: 'Id of the clip' }),
});

/** Clips that devices keep. */
export const clipRoutes = {
  'GET /devices/:id/clips': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'clips',
    summary: 'Clips that the device keeps, oldest first; the device itself is asked',
    params: DeviceParams,
    query: ClipListQuery,
    reply: ClipList,
  },
  'POST /devices/:id/clips': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'clips',
    summary:
      'Have the device make a clip around now; it is listed under the id of the answer when it is written',
    params: DeviceParams,
    body: ClipRequest,
    reply: described(clipCalls['record-clip'].response, 'Id of the clip, and from when to when it will be'),
  },
  'GET /devices/:id/clips/:clip': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'clips',
    summary: 'The MP4 of one clip, fetched from the device while it is sent; with `Range` a part of it',
    params: ClipParams,
    raw: 'video/mp4',
  },
} as const satisfies RouteTable;
