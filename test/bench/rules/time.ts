import {
  type CameraRules,
  type LineSettings,
  type Point,
  RuleCounter,
  type RulesFrame,
  type TrackedDetection,
  type ZoneSettings,
} from '../../../src/perception/index.ts';
import { quantile } from '../measure.ts';

const boundMs = 0.05;
const [width, height] = [1920, 1080];
const rounds = 15;
const frames = 900;

/** The time that rules take of one frame, for as many zones and tracks as the bound names. */
export function timeRules(): void {
  console.log(
    'rules, 50 tracks, ms per frame'.padEnd(44),
    '   fastest',
    '    median',
    '       p99',
    ' at most',
  );
  for (const [name, rules, bound] of [
    ['20 zones, 8 corners, a tenth of the picture', { zones: zones(20, 0.18) }, boundMs],
    ['20 zones, 8 corners, nearly all of it', { zones: zones(20, 0.49) }, boundMs],
    ['20 zones with every rule', { zones: zones(20, 0.18, everything) }, boundMs],
    ['20 zones and 20 lines', { zones: zones(20, 0.18), lines: lines(20) }, undefined],
  ] as const)
    print(name, rules, bound);
}

const everything = { dwellSeconds: 3, absenceSeconds: 10, minimumCount: 5, speedLimit: 1 };

function print(name: string, rules: CameraRules, bound: number | undefined): void {
  const played = playedFrames(50);
  const medians: number[] = [];
  const tails: number[] = [];
  // The first round warms up.
  for (let round = -1; round < rounds; round++) {
    const counter = new RuleCounter(rules);
    const times = played.map((frame) => {
      const began = performance.now();
      counter.update(frame);
      return performance.now() - began;
    });
    if (round < 0) continue;
    medians.push(quantile(times, 0.5));
    tails.push(quantile(times, 0.99));
  }
  // A round that nobody interrupts says what the work takes; the others say how busy the machine is.
  const fastest = Math.min(...medians);
  const number = (value: number) => value.toFixed(4).padStart(10);
  const shown = [fastest, quantile(medians, 0.5), quantile(tails, 0.5)].map(number);
  const verdict = bound === undefined ? '' : `  ${bound} ${fastest <= bound ? 'kept' : 'MISSED'}`;
  console.log(name.padEnd(44), ...shown, verdict);
}

function zones(count: number, radius: number, more: Partial<ZoneSettings> = {}) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, ZoneSettings] => {
      const room = 0.5 - radius;
      const [x, y] = [0.5 + room * Math.cos(index * 2.4), 0.5 + room * Math.sin(index * 2.4)];
      const points = Array.from({ length: 8 }, (__, corner): Point => {
        const reach = radius * (corner % 2 === 0 ? 1 : 0.8);
        return [x + reach * Math.cos((corner * Math.PI) / 4), y + reach * Math.sin((corner * Math.PI) / 4)];
      });
      return [`zone-${index}`, { points, ...more }];
    }),
  );
}

function lines(count: number) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, LineSettings] => {
      const at = (index + 0.5) / count;
      return [
        `line-${index}`,
        {
          points:
            index % 2 === 0
              ? [
                  [at, 0],
                  [at, 1],
                ]
              : [
                  [0, at],
                  [1, at],
                ],
        },
      ];
    }),
  );
}

/** Objects that walk over the picture on curves, 30 frames a second. */
function playedFrames(tracks: number): RulesFrame[] {
  return Array.from({ length: frames }, (_, frame) => ({
    ...{ width, height, stampNs: BigInt(frame) * 33_333_333n },
    detections: Array.from({ length: tracks }, (__, trackId): TrackedDetection => {
      const at = frame / 90 + trackId;
      const [x, y] = [width * (0.5 + 0.48 * Math.sin(at)), height * (0.5 + 0.48 * Math.sin(1.3 * at))];
      const box = { x1: x - 30, x2: x + 30, y1: y - 120, y2: y };
      return { classId: 0, label: trackId % 3 === 0 ? 'car' : 'person', score: 0.9, box, trackId };
    }),
  }));
}
