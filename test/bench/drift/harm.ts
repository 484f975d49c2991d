import { evaluate } from '../../../src/perception/index.ts';
import type { Cell } from './detection.ts';
import { clearOf, framesPerSecond } from './plan.ts';
import type { TraceFrame } from './trace.ts';

/** Share of mAP that must be lost for a fault to count as harmful. */
const harmful = 0.1;

function meanAp(frames: readonly TraceFrame[]): number {
  return evaluate(
    frames.map(({ detections, truth }) => ({
      truth,
      detections: detections.map(({ classId, score, box: [x1, y1, x2, y2] }) => ({
        classId,
        score,
        box: { x1, y1, x2, y2 },
      })),
    })),
  ).map;
}

const everySecond = (frames: readonly TraceFrame[]) => frames.filter((_, index) => index % 2 === 0);

function counted(name: string, marks: readonly { harm: boolean; said: boolean }[]): string {
  const count = (harm: boolean, said: boolean) =>
    marks.filter((mark) => mark.harm === harm && mark.said === said).length;
  const [both, only, silent] = [count(true, true), count(false, true), count(true, false)];
  return `- ${name}: precision ${(both / (both + only)).toFixed(2)}, recall ${(both / (both + silent)).toFixed(2)} (${both} with harm, ${only} without it, ${silent} harms without one, ${count(false, false)} neither)`;
}

/**
 * Did the alarm come where the model's accuracy fell by more than a tenth, and only there? Only abrupt, rendered
 * corruptions: their accuracy is one number. The yardstick is the same traffic rendered without the fault: accuracy
 * differs by a tenth between stretches of ordinary video, too. `clearFrames`: that recording; a frozen camera has none,
 * and is measured by the mean of four clean stretches.
 */
export function measureHarm(
  cells: readonly Cell[],
  clean: readonly TraceFrame[],
  clearFrames: (name: string) => readonly TraceFrame[],
): string[] {
  const stretches = [0, 300, 600, 900].map((begin) =>
    meanAp(everySecond(clean.slice(begin * framesPerSecond, (begin + 50) * framesPerSecond))),
  );
  const usual = stretches.reduce((sum, value) => sum + value, 0) / stretches.length;
  const mostly = (delays: readonly (number | undefined)[]) =>
    delays.filter((delay) => delay !== undefined).length * 2 > delays.length;
  const marks = cells
    .filter(({ scenario: { onset, what } }) => onset === 'abrupt' && what !== 'class-mix' && what !== 'model')
    .map(({ scenario: { what, severity, frames }, delays, alarmDelays }) => {
      const clear =
        what === 'frozen' ? usual : meanAp(clearFrames(clearOf({ name: `${what}-${severity}-abrupt` })));
      const kept = meanAp(everySecond(frames)) / clear;
      const harm = kept < 1 - harmful;
      return { name: `${what} ${severity}`, kept, harm, any: mostly(delays), alarm: mostly(alarmDelays) };
    });
  const percent = (value: number) => `${(value * 100).toFixed(0)} %`;
  const wrong = marks
    .filter(({ harm, alarm }) => harm !== alarm)
    .map(
      ({ name, kept, alarm }) => `${name} (${percent(kept)} of mAP kept, ${alarm ? 'alarm' : 'no alarm'})`,
    );
  return [
    `mAP of four clean stretches: ${stretches.map((value) => (value * 100).toFixed(1)).join(', ')}.`,
    counted(
      'alarms (harm expected)',
      marks.map(({ harm, alarm }) => ({ harm, said: alarm })),
    ),
    counted(
      'notices and alarms together',
      marks.map(({ harm, any }) => ({ harm, said: any })),
    ),
    `- wrong: ${wrong.join(', ') || 'none'}`,
  ];
}
