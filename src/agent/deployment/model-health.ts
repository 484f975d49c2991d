import type { DriftStatus, VerdictKind } from '../../protocol/index.ts';

/** What the watch for drift says, as far as a new model is judged by it. */
export interface WatchedHealth {
  statuses(): Readonly<Record<string, DriftStatus>>;
  readonly answered: { readonly right: number; readonly wrong: number };
}

/** Two: one wrong answer may be that of a frame that was cut. */
const wrongAnswers = 2;
const ofModel: ReadonlySet<VerdictKind> = new Set(['label-shift', 'model-regression']);

/**
 * Watches drift and known answers from now on. The function says why the new model must go back, or undefined: an alarm
 * that was there before is not its doing, and one that the camera or the scene explains neither.
 */
export function watchHealth(health: WatchedHealth): () => string | undefined {
  const before = new Map(
    Object.entries(health.statuses()).map(([camera, { incident }]) => [camera, incident?.number]),
  );
  const { right: rightBefore, wrong: wrongBefore } = health.answered;
  return () => {
    const { right, wrong } = health.answered;
    if (wrong - wrongBefore >= wrongAnswers && wrong - wrongBefore > right - rightBefore)
      return `${wrong - wrongBefore} of ${wrong - wrongBefore + right - rightBefore} frames with a known answer came out wrong with the new model.`;
    for (const [camera, { incident }] of Object.entries(health.statuses())) {
      if (incident === undefined || incident.number === before.get(camera)) continue;
      if (incident.grade !== 'alarm' || !ofModel.has(incident.verdict.kind)) continue;
      return `Camera ${camera} has a drift alarm since the new model serves: ${incident.verdict.kind}.`;
    }
    return undefined;
  };
}
