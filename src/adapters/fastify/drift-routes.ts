import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import {
  asGoshawkError,
  CancelledError,
  describeError,
  type GoshawkError,
  type Log,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import {
  cocoDataset,
  type Device,
  DeviceDrift,
  DriftCameraQuery,
  DriftFleet,
  DriftIncidentDetail,
  DriftIncidentList,
  DriftIncidentQuery,
  type FleetController,
  FrameExportQuery,
  FrameList,
  FrameListQuery,
  imageName,
} from '../../controller/index.ts';
import type { HardFrame } from '../../protocol/index.ts';
import { DeviceParams, type Route, route } from './route.ts';
import { tarEnd, tarFile } from './tar.ts';

const IncidentParams = Type.Object({ incident: Type.String({ minLength: 1, maxLength: 200 }) });
const FrameParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  frame: Type.String({ pattern: '^[0-9a-z]{1,16}-[0-9a-z]{1,16}$' }),
});

/** Drift over the fleet, incidents, and the hard frames that devices keep. */
export function driftRoutes(controller: FleetController, log: Log): Route[] {
  const known = (id: string): Device => {
    const device = controller.registry.get(id);
    if (device !== undefined) return device;
    throw new MissingError(
      'device-unknown',
      `No device ${id} has ever reported.`,
      'List the devices: GET /api/v1/devices.',
    );
  };
  return [
    route(
      'GET',
      '/drift',
      {
        role: 'viewer',
        tag: 'drift',
        summary: 'Every camera with its state and open incident, those in trouble first, and what they share',
        query: DriftCameraQuery,
        reply: DriftFleet,
      },
      ({ query }) => controller.drift.fleet(query),
    ),
    route(
      'GET',
      '/drift/incidents',
      {
        role: 'viewer',
        tag: 'drift',
        summary: 'Incidents, open and over, newest first',
        query: DriftIncidentQuery,
        reply: DriftIncidentList,
      },
      ({ query }) => controller.drift.incidents(query),
    ),
    route(
      'GET',
      '/drift/incidents/:incident',
      {
        role: 'viewer',
        tag: 'drift',
        summary: 'One incident with its evidence: signals, and what the camera showed',
        params: IncidentParams,
        reply: DriftIncidentDetail,
      },
      async ({ params }) => {
        const stored = await controller.store.driftIncident(params.incident);
        if (stored === undefined)
          throw new MissingError(
            'incident-unknown',
            `There is no incident ${params.incident}.`,
            'List them: GET /api/v1/drift/incidents.',
          );
        return { ...stored.incident, ...(stored.view === undefined ? {} : { view: stored.view }) };
      },
    ),
    route(
      'GET',
      '/devices/:id/drift',
      {
        role: 'viewer',
        tag: 'drift',
        summary:
          "A device's cameras: state, open incident with evidence, past incidents and changes of state",
        params: DeviceParams,
        reply: DeviceDrift,
      },
      ({ params }) => controller.drift.device(known(params.id)),
    ),
    route(
      'GET',
      '/devices/:id/frames',
      {
        role: 'viewer',
        tag: 'frames',
        summary: 'Hard frames that the device keeps, oldest first; the device itself is asked',
        params: DeviceParams,
        query: FrameListQuery,
        reply: FrameList,
      },
      ({ params, query }) => controller.frames.list(known(params.id).id, query),
    ),
    route(
      'GET',
      '/devices/:id/frames/:frame',
      {
        role: 'viewer',
        tag: 'frames',
        summary: 'The picture of one hard frame',
        params: FrameParams,
        raw: 'image/jpeg',
      },
      async ({ params, response }) => {
        const jpeg = await controller.frames.fetch(known(params.id).id, params.frame);
        await response.type('image/jpeg').send(Buffer.from(jpeg));
      },
    ),
    route(
      'GET',
      '/devices/:id/frames.tar',
      {
        role: 'operator',
        tag: 'frames',
        summary:
          'Hard frames as a data set in the form of COCO: images/*.jpg and annotations.json, fetched while it is sent',
        params: DeviceParams,
        query: FrameExportQuery,
        raw: 'application/x-tar',
      },
      async ({ params, query, caller, response }) => {
        const { id } = known(params.id);
        const work = async () => {
          const chosen: HardFrame[] = [];
          // What can't be listed is told before the first byte is sent; after it only a cut connection says so.
          for await (const frame of controller.frames.select(id, query)) chosen.push(frame);
          const archive = new FrameArchive(controller, id, chosen);
          const name = `${id}-frames.tar`.replace(/[^A-Za-z0-9._-]/g, '_');
          response.type('application/x-tar').header('content-disposition', `attachment; filename="${name}"`);
          await response.send(Readable.from(archive.pieces()));
          archive.expectComplete();
        };
        try {
          await controller.frames.exporting(() =>
            controller.orders.recorded(caller, 'frames.exported', id, work),
          );
        } catch (error) {
          if (!response.sent) throw error;
          log.warn('An export of frames was cut short', { device: id, cause: describeError(error) });
        }
      },
    ),
  ];
}

/** Frames as they come from their device, then what is said of those that came. */
class FrameArchive {
  readonly #controller: FleetController;
  readonly #device: string;
  readonly #chosen: readonly HardFrame[];
  #failure: GoshawkError | undefined;
  #complete = false;

  constructor(controller: FleetController, device: string, chosen: readonly HardFrame[]) {
    this.#controller = controller;
    this.#device = device;
    this.#chosen = chosen;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    const sent: HardFrame[] = [];
    for (const frame of this.#chosen) {
      try {
        const jpeg = await this.#controller.frames.fetch(this.#device, frame.id);
        yield tarFile(`images/${imageName(frame)}`, jpeg, frame.timeMs);
        sent.push(frame);
      } catch (cause) {
        // Its ring goes on turning while we read: a frame that is gone is left out, a device that is gone ends it.
        const error = asGoshawkError(cause, 'frame-failed');
        if (error instanceof RefusedError) continue;
        this.#failure = error;
        throw error;
      }
    }
    const nowMs = this.#controller.frames.nowMs();
    const iso = (timeMs: number) => new Date(timeMs).toISOString();
    const dataset = cocoDataset(this.#device, sent, iso(nowMs), iso);
    yield tarFile('annotations.json', Buffer.from(JSON.stringify(dataset, undefined, 1)), nowMs);
    yield tarEnd();
    this.#complete = true;
  }

  /** Throws why it was cut short, for the audit. */
  expectComplete(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#complete) throw new CancelledError('The export');
  }
}
