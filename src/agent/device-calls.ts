import { InputError, MissingError, RefusedError } from '../base/index.ts';
import type { CallMethod, CallRequestOf, CallResultOf } from '../protocol/index.ts';
import type { Outbox } from '../telemetry/index.ts';
import type { Announcer } from './announcer.ts';
import { budgetSpent } from './budget/metered-transport.ts';
import { unknownCamera } from './camera-configurator.ts';
import type { DeviceReport } from './device-report.ts';
import type { AgentParts, ClipHost, DriftHost, PipelineHost, RemoteHost } from './ports.ts';
import type { PreviewLeases } from './preview-leases.ts';
import type { SumMember } from './statistics/index.ts';

/** What the controller may ask of the device: who answers each call, and throws where it can't. */
export type DeviceCalls = {
  readonly [M in CallMethod]: (request: CallRequestOf<M>) => CallResultOf<M> | Promise<CallResultOf<M>>;
};

export interface DeviceCallsPorts {
  readonly parts: AgentParts;
  readonly pipeline: PipelineHost;
  readonly report: DeviceReport;
  readonly announcer: Announcer;
  readonly outbox: Outbox;
  readonly leases: PreviewLeases;
  readonly nowMs: () => number;
}

export function deviceCalls(ports: DeviceCallsPorts): DeviceCalls {
  const { announcer, outbox, report, pipeline, leases } = ports;
  const { budget, robot, updates, drift, sums, clips, remote } = ports.parts;
  return {
    rebirth: async () => {
      await announcer.giveBirth();
      // Who asks for the birth may have forgotten the device: its generation is in what it reports.
      announcer.report();
      outbox.sendAgain();
      return {};
    },
    ack: ({ entries }) => {
      outbox.acknowledge(entries);
      return {};
    },
    preview: (request) => {
      if (!pipeline.cameras.includes(request.camera)) throw unknownCamera(request.camera, pipeline.cameras);
      if (budget?.previewRoom === false) throw budgetSpent('preview');
      leases.lease(request, ports.nowMs());
      return {};
    },
    describe: () => report.full(announcer.board),
    updates: (request) => {
      if (updates === undefined) throw updatesNotAsked();
      updates.take(request);
      return {};
    },
    robot: async (order) => {
      if (robot === undefined) throw robotNotThere();
      return robot.call(order);
    },
    frames: (request) => expectDrift(drift).listFrames(request),
    frame: (request) => expectDrift(drift).framePiece(request),
    challenge: (request) => expectDrift(drift).challenge(request),
    clips: (request) => expectClips(clips).list(request),
    clip: (request) => expectClips(clips).piece(request),
    'record-clip': (request) => expectClips(clips).record(request),
    'join-sum': (request) => expectSums(sums).join(request),
    'masked-sum': (request) => expectSums(sums).masked(request),
    restart: (request) => expectRemote(remote).restart(request),
    logs: (request) => expectRemote(remote).logs(request),
    bundle: (request) => expectRemote(remote).bundle(request),
    'try-camera': (request) => expectRemote(remote).tryCamera(request),
    'add-camera': (request) => expectRemote(remote).changeCameras((setup) => setup.add(request)),
    'remove-camera': (request) => expectRemote(remote).changeCameras((setup) => setup.remove(request)),
    'rename-camera': (request) => expectRemote(remote).changeCameras((setup) => setup.rename(request)),
  };
}

function expectDrift(drift: DriftHost | undefined): DriftHost {
  if (drift !== undefined) return drift;
  throw new MissingError('drift-off', 'This device does not watch for drift.', 'Update its agent.');
}

function expectClips(clips: ClipHost | undefined): ClipHost {
  if (clips !== undefined) return clips;
  throw new InputError(
    'clips-off',
    'This device keeps no clips.',
    'Set cameras.<name>.clips in the settings of the device.',
  );
}

function expectRemote(remote: RemoteHost | undefined): RemoteHost {
  if (remote !== undefined) return remote;
  throw new RefusedError(
    'remote-refused',
    'The agent of this device does not know this command.',
    'Update its agent.',
  );
}

function expectSums(sums: SumMember | undefined): SumMember {
  if (sums !== undefined) return sums;
  throw new InputError(
    'sum-not-asked',
    'This device is not part of masked sums: it sends its own counts.',
    'Set statistics.counts to "summed" in its settings.',
  );
}

function updatesNotAsked(): InputError {
  return new InputError(
    'updates-not-asked',
    'This device does not ask over MQTT whether a model may be switched.',
    'Set updates.mqtt in its settings.',
  );
}

function robotNotThere(): InputError {
  return new InputError(
    'robot-call-refused',
    'The settings of this device name no service of a robot that the fleet may call.',
    'Name it in ros.bridge.services.',
  );
}
