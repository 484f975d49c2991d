import { evaluate } from '../../../src/perception/index.ts';
import type { Cell } from './detection.ts';
import { framesPerSecond } from './plan.ts';
import type { TraceFrame } from './trace.ts';

/** Share of mAP that must be lost for a fault to count as harmful. */
const harmful = 0.1;

function meanAp(frames: readonly TraceFrame[]): number {
  const images = frames
    .filter((_, index) => index % 2 === 0)
    .map(({ detections, truth }) => ({
      truth,
      detections: detections.map(({ classId, score, box: [x1, y1, x2, y2] }) => ({
        classId,
        score,
        box: { x1, y1, x2, y2 },
      })),
    }));
  return evaluate(images).map;
}

/**
 * Did the alarm come where the model's accuracy fell by more than a tenth, and only there? Only abrupt, rendered
 * corruptions: their accuracy is one number. Accuracy differs between stretches of ordinary video too, so the mean of
 * four of them is the yardstick.
 */
export function measureHarm(cells: readonly Cell[], clean: readonly TraceFrame[]): string[] {
  const stretches = [0, 300, 600, 900].map((begin) =>
    meanAp(clean.slice(begin * framesPerSecond, (begin + 50) * framesPerSecond)),
  );
  const usual = stretches.reduce((sum, value) => sum + value, 0) / stretches.length;
  let both = 0;
  let alarmOnly = 0;
  let harmOnly = 0;
  let neither = 0;
  const lines = [
    `mAP of four clean stretches: ${stretches.map((value) => (value * 100).toFixed(1)).join(', ')}; harm is below ${(usual * (1 - harmful) * 100).toFixed(1)}.`,
  ];
  for (const { scenario, delays } of cells) {
    if (scenario.onset !== 'abrupt' || scenario.what === 'class-mix' || scenario.what === 'model') continue;
    const map = meanAp(scenario.frames);
    const harm = map < usual * (1 - harmful);
    const alarm = delays.filter((delay) => delay !== undefined).length * 2 > delays.length;
    if (harm && alarm) both++;
    else if (alarm) alarmOnly++;
    else if (harm) harmOnly++;
    else neither++;
    if (harm !== alarm) {
      lines.push(
        `- ${scenario.what} ${scenario.severity}: mAP ${(map * 100).toFixed(1)}, ${alarm ? 'alarm without harm' : 'harm without alarm'}`,
      );
    }
  }
  lines.push(
    `precision of harm ${(both / (both + alarmOnly)).toFixed(2)}, recall ${(both / (both + harmOnly)).toFixed(2)} (${both} both, ${alarmOnly} alarm only, ${harmOnly} harm only, ${neither} neither)`,
  );
  return lines;
}
