import { type Static, Type } from '@sinclair/typebox';
import { Preview } from '../protocol/index.ts';
import type { Alert } from './alerts.ts';
import type { DeviceSummary } from './devices.ts';
import type { DriftIncident } from './drift.ts';
import type { ErrorBody } from './errors.ts';
import type { FleetEvent } from './events.ts';
import type { FleetSummary } from './fleet.ts';
import type { RouteTable } from './route.ts';

/* Server-sent events: `event: <name>`, `data: <JSON>`. */

export const PreviewQuery = Type.Object({
  maxFps: Type.Optional(
    Type.Number({ minimum: 0.2, maximum: 15, default: 5, description: 'Pictures per second at most' }),
  ),
  maxWidth: Type.Optional(
    Type.Integer({
      minimum: 64,
      maximum: 1920,
      default: 640,
      description: 'Width of a picture at most, pixels',
    }),
  ),
});
export type PreviewQuery = Static<typeof PreviewQuery>;

/** `event: frame` of a preview; the same as the protocol's Preview with the picture as base64. */
export const PreviewFrame = Type.Composite([
  Type.Omit(Preview, ['jpeg']),
  Type.Object({ jpeg: Type.String({ description: 'JPEG, base64' }) }),
]);
export type PreviewFrame = Static<typeof PreviewFrame>;

/** By event name. `frame` and `preview-fault` come on a preview alone; the latter when the device refused or is away. */
export interface StreamEvents {
  /** A drift incident began, changed or ended. */
  drift: DriftIncident;
  /** An alert fired, was acknowledged or was resolved. */
  alert: Alert;
  device: DeviceSummary;
  'device-deleted': { readonly id: string };
  event: FleetEvent;
  /** Every second or two. */
  fleet: FleetSummary;
  frame: PreviewFrame;
  'preview-fault': ErrorBody;
}
export type StreamEventName = keyof StreamEvents;

const CameraParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the device' }),
  camera: Type.String({ minLength: 1, maxLength: 128, description: 'Name of the camera' }),
});

export const streamRoutes = {
  'GET /stream': {
    load: 'stream',
    role: 'viewer',
    reach: 'part',
    tag: 'streams',
    summary:
      'Stream changes as events: `device`, `device-deleted`, `event`, `drift`, `alert` and, every two seconds, `fleet`',
    raw: 'text/event-stream',
  },
  'GET /devices/:id/cameras/:camera/preview': {
    load: 'stream',
    role: 'viewer',
    reach: 'device',
    tag: 'streams',
    summary:
      'Live pictures of a camera with detections, while the connection lasts: events `frame` and `preview-fault`',
    params: CameraParams,
    query: PreviewQuery,
    raw: 'text/event-stream',
  },
} as const satisfies RouteTable;
