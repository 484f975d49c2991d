import { counted } from '../../base/index.ts';
import type { AgentSummary } from '../device/summary.ts';

/** What is known of one device of the demo when it has ended. */
export interface DeviceOutcome {
  readonly device: string;
  /** Undefined: it did not end in order. */
  readonly summary: AgentSummary | undefined;
  /** Frames that the controller was told of. */
  readonly framesKnown: number;
  /** What the device said of its model last, when that was an error. */
  readonly modelProblem: string | undefined;
  readonly lastWords: string;
}

/** Why the demo has not shown what it should, one sentence per device and camera; empty where it has. */
export function demoProblems(outcomes: readonly DeviceOutcome[]): string[] {
  return outcomes.flatMap(problemsOf);
}

function problemsOf({ device, summary, framesKnown, modelProblem, lastWords }: DeviceOutcome): string[] {
  if (summary === undefined) return [`${device} did not end in order: ${lastWords || 'it printed no text'}`];
  const { cameras } = summary;
  const blind = cameras.filter(({ processed, detections }) => processed === 0 || detections === 0);
  if (blind.length > 0 && modelProblem !== undefined) return [`${device}: ${modelProblem}`];
  if (blind.length > 0)
    return blind.map(({ camera, received, processed }) =>
      processed > 0
        ? `${device}: model ${summary.model} found no object in ${counted(processed, 'frame')} of camera ${camera}.`
        : `${device}: no frame of camera ${camera} was processed, ${received} came. ` +
          'On a slow machine give it more time: --duration 60s.',
    );
  if (cameras.length === 0) return [`${device} has no camera.`];
  return framesKnown > 0 ? [] : [`${device}: the controller received no frame counts.`];
}
