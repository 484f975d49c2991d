import { type SignalName, signals } from '../../drift/index.ts';
import type { HardFrame, Preview } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { DriftHost } from '../ports.ts';

/** Of what a model gives: how many boxes, and where. Not in it, and so withheld: what classes or scores are a part of. */
const tellableOutput: readonly SignalName[] = [
  'detections',
  'log_area',
  'log_aspect',
  'centre_x',
  'centre_y',
  'log_candidates',
  'flicker',
  'log_track_age',
  'untracked',
  'log_unexplained_motion',
  'box_grip',
  'log_speed',
  'stale_shift',
  'invalid_share',
  'embedding',
];

const tellable: ReadonlySet<unknown> = new Set<string>([
  ...signals.filter(({ family }) => family === 'picture' || family === 'view').map(({ name }) => name),
  ...tellableOutput,
]);

/** What the watch for drift tells a fleet that shall not see the classes and scores of this device. */
export function withheldDrift(drift: DriftHost): DriftHost {
  return {
    configure: (camera, wanted) => drift.configure(camera, wanted),
    onChange: (listener) => drift.onChange(listener),
    get learning() {
      return drift.learning;
    },
    get answered() {
      return drift.answered;
    },
    statuses: () =>
      Object.fromEntries(
        Object.entries(drift.statuses()).map(([camera, status]) => [camera, withheldSignals(status)]),
      ),
    readings: () => drift.readings().map(withheldSignals),
    listFrames: async (request) => {
      const page = await drift.listFrames(request);
      return { ...page, frames: page.frames.map(withheldFrame) };
    },
    framePiece: (request) => drift.framePiece(request),
    // The pictures come with the model, not from a camera here.
    challenge: (request) => drift.challenge(request),
  };
}

/** An event with the signals of an alarm. */
export function withheldEvent(event: AgentEvent): AgentEvent {
  const told = event.data?.signals;
  if (!Array.isArray(told)) return event;
  return { ...event, data: withheldSignals({ ...event.data, signals: told }) };
}

export function withheldPreview({ rules: _, ...preview }: Preview): Preview {
  return { ...preview, detections: [] };
}

function withheldSignals<T extends { readonly signals: readonly { readonly name: unknown }[] }>(of: T): T {
  return { ...of, signals: of.signals.filter(({ name }) => tellable.has(name)) };
}

function withheldFrame(frame: HardFrame): HardFrame {
  const { shadow } = frame;
  return {
    ...frame,
    detections: [],
    ...(shadow === undefined ? {} : { shadow: { ...shadow, detections: [] } }),
  };
}
