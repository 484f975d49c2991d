import { type Static, Type } from '@sinclair/typebox';
import { driftCalls, FrameReason } from '../protocol/index.ts';
import { datasetFormNames } from './dataset-form-names.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { closed, described, limit, name, timeMs } from './scalars.ts';

const frameId = '^[0-9a-z]{1,16}-[0-9a-z]{1,16}$';

export const FrameListQuery = Type.Object({
  camera: Type.Optional(name('Only frames of this camera')),
  after: Type.Optional(
    Type.String({ pattern: frameId, description: 'Only frames after the one with this id' }),
  ),
  limit: Type.Optional(limit(20, 20)),
});
export type FrameListQuery = Static<typeof FrameListQuery>;

export const FrameList = described(driftCalls.frames.response, "The device's own answer, oldest first");
export type FrameList = Static<typeof FrameList>;

export const FrameVerdict = Type.Union([Type.Literal('accepted'), Type.Literal('rejected')], {
  description: 'accepted: of use for training; rejected: left out',
});
export type FrameVerdict = Static<typeof FrameVerdict>;

export const FrameReview = Type.Object({
  verdict: FrameVerdict,
  by: Type.String({ maxLength: 300, description: 'Name and id of the token' }),
  timeMs: timeMs(),
});
export type FrameReview = Static<typeof FrameReview>;

export const FrameReviews = Type.Object(
  {
    device: Type.String({ maxLength: 64 }),
    reviews: Type.Record(Type.String({ pattern: frameId }), FrameReview, {
      description: 'By id of the frame; frames without a verdict are not listed',
    }),
  },
  { description: 'Verdicts of people about the hard frames of a device' },
);
export type FrameReviews = Static<typeof FrameReviews>;

/** A verdict, or none any more. */
export const FrameReviewOrder = Type.Object({ verdict: Type.Optional(FrameVerdict) }, closed);
export type FrameReviewOrder = Static<typeof FrameReviewOrder>;

export const FrameExportQuery = Type.Object({
  form: Type.Optional(
    Type.Union(
      datasetFormNames.map((one) => Type.Literal(one)),
      { description: 'For which tool; coco when absent' },
    ),
  ),
  camera: Type.Optional(name('Only frames of this camera')),
  reason: Type.Optional(described(FrameReason, 'Only frames that were kept for this reason')),
  from: Type.Optional(timeMs('Only frames that were taken at or after this time')),
  review: Type.Optional(
    Type.Union([Type.Literal('accepted'), Type.Literal('not-rejected')], {
      description: 'Only frames that a person accepted, or all but those that a person rejected',
    }),
  ),
  max: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, default: 1000, description: 'How many frames at most' }),
  ),
});
export type FrameExportQuery = Static<typeof FrameExportQuery>;

const FrameParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the device' }),
  frame: Type.String({ pattern: frameId, description: 'Id of the frame' }),
});

/** Hard frames that devices keep. */
export const frameRoutes = {
  'GET /devices/:id/frames': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'frames',
    summary: 'Hard frames that the device keeps, oldest first; the device itself is asked',
    params: DeviceParams,
    query: FrameListQuery,
    reply: FrameList,
  },
  'GET /devices/:id/frames/:frame': {
    load: 'heavy',
    role: 'viewer',
    reach: 'device',
    tag: 'frames',
    summary: 'The picture of one hard frame',
    params: FrameParams,
    raw: 'image/jpeg',
  },
  'GET /devices/:id/frames.tar': {
    load: 'heavy',
    role: 'operator',
    reach: 'device',
    tag: 'frames',
    summary:
      'Hard frames as a data set (COCO: images/*.jpg and annotations.json; CVAT, Label Studio, FiftyOne), fetched while it is sent',
    params: DeviceParams,
    query: FrameExportQuery,
    raw: 'application/x-tar',
  },
  'GET /devices/:id/frame-reviews': {
    role: 'viewer',
    reach: 'device',
    tag: 'frames',
    summary: 'Verdicts of people about the hard frames of a device',
    params: DeviceParams,
    reply: FrameReviews,
  },
  'PUT /devices/:id/frames/:frame/review': {
    role: 'operator',
    reach: 'device',
    tag: 'frames',
    summary: 'Accept or reject a hard frame for training; without a verdict, take the verdict back',
    params: FrameParams,
    body: FrameReviewOrder,
    reply: FrameReviews,
  },
} as const satisfies RouteTable;
