import { Tracker } from '../../../../src/perception/index.ts';
import { hasTrace, readTrace, type TraceFrame } from '../trace.ts';
import { type Answered, answerCorruptions } from './answer-corruptions.ts';
import type { Moment } from './loop.ts';
import { type Accuracy, accuracy, type Found, foundOf } from './loss.ts';
import { type Corruption, type PictureCorruption, pictureCorruptions } from './picture-corruptions.ts';
import { severities, stretch, traced, truthScore } from './record.ts';
import { framesPerSecond } from './videos.ts';

/** One corruption of one video at one severity: what comes, and what it costs. */
export interface Case {
  readonly corruption: Corruption;
  readonly severity: number;
  /** Of the stretch; it is played again and again. */
  readonly moments: readonly Moment[];
  /** Share of F1 and of mAP that is gone against the same stretch without the fault, seen once more. */
  readonly loss: number;
  readonly mapLoss: number;
}

interface Seen {
  readonly clean: readonly TraceFrame[];
  readonly again: readonly TraceFrame[];
  readonly width: number;
  readonly height: number;
  readonly classes: number;
}

/** `stretchMoments`: the stretch without a fault, as the sensor sees it. */
export function casesOf(folder: string, stretchMoments: readonly Moment[], seen: Seen): Case[] {
  const clean = seen.clean.slice(stretch.from, stretch.from + stretch.frames);
  const again = seen.again.slice(stretch.from, stretch.from + stretch.frames);
  const truth = clean.map(({ detections }) => foundOf(detections).filter(({ score }) => score >= truthScore));
  const usual = accuracy(
    pairs(
      truth,
      again.map(({ detections }) => foundOf(detections)),
    ),
  );
  const lost = ({ f1, map }: Accuracy) => ({ loss: 1 - f1 / usual.f1, mapLoss: 1 - map / usual.map });
  const cases: Case[] = [];
  const add = (corruption: Corruption, severity: number, moments: readonly Moment[], reached: Accuracy) =>
    cases.push({ corruption, severity, moments, ...lost(reached) });

  for (const corruption of pictureCorruptions)
    for (const severity of severities) {
      const name = `${corruption.name}-${severity}`;
      if (!hasTrace(folder, name)) continue;
      const frames = readTrace(folder, name);
      const where = placed(corruption, severity, seen);
      const found = frames.map(({ detections }) => foundOf(detections).filter(where.inside));
      const moments = frames.map((frame) => ({ ...frame, latencyMs: 15, stepS: 1 / framesPerSecond }));
      // Who was added by the fault, or taken away by it, is not missed.
      const wanted =
        corruption.family === 'scene' ? found.map(sure) : truth.map((boxes) => boxes.flatMap(where.box));
      add(corruption, severity, moments, accuracy(pairs(wanted, found)));
    }
  for (const corruption of answerCorruptions)
    for (const severity of severities) {
      const answered = tracked(corruption.apply(again, severity, seen.classes));
      const byFrame = new Map(answered.map(({ frame, latencyMs }) => [frame.timeS, { frame, latencyMs }]));
      const backFrames = Math.round(framesPerSecond * (corruption.late?.(severity) ?? 0));
      let latest = answered[0]!;
      const moments: Moment[] = [];
      let stepS = 0;
      const said = again.map(({ timeS }, i) => {
        stepS += 1 / framesPerSecond;
        const now = byFrame.get(timeS);
        if (now === undefined) return foundOf(latest.frame.detections);
        latest = now;
        const { detections, candidates } = now.frame;
        moments.push({ ...stretchMoments[i]!, detections, candidates, latencyMs: now.latencyMs, stepS });
        stepS = 0;
        return foundOf(detections);
      });
      const heard = said.map((_, i) => said[(i - backFrames + said.length) % said.length]!);
      add(corruption, severity, moments, accuracy(pairs(truth, heard)));
    }
  return cases;
}

/** As a device has them: its tracker sees the faulty answers, and keeps classes apart. */
function tracked(answered: readonly Answered[]): Answered[] {
  const tracker = new Tracker();
  return answered.map(({ frame, latencyMs }) => {
    const boxes = frame.detections.map(({ classId, score, box: [x1, y1, x2, y2] }) => ({
      ...{ classId, score, label: String(classId), box: { x1, y1, x2, y2 } },
    }));
    const detections = tracker.update(boxes, BigInt(Math.round(frame.timeS * 1e9))).map(traced);
    return { frame: { ...frame, detections }, latencyMs };
  });
}

function sure(found: readonly Found[]): readonly Found[] {
  return found.filter(({ score }) => score >= truthScore);
}

function pairs(truth: readonly (readonly Found[])[], found: readonly (readonly Found[])[]) {
  return truth.map((boxes, i) => ({ truth: boxes, found: found[i]! }));
}

/** Where boxes of the clean picture are after the fault, and what of the picture is of the old view. */
function placed({ place }: PictureCorruption, severity: number, { width, height }: Seen) {
  if (place === undefined) return { box: (one: Found) => [one], inside: () => true };
  const corner = (x: number, y: number) => place(x / width, y / height, severity, width / height);
  const around = (points: readonly (readonly [number, number])[]) => ({
    x1: Math.min(...points.map(([x]) => x)) * width,
    x2: Math.max(...points.map(([x]) => x)) * width,
    y1: Math.min(...points.map(([, y]) => y)) * height,
    y2: Math.max(...points.map(([, y]) => y)) * height,
  });
  const all = around([corner(0, 0), corner(width, 0), corner(0, height), corner(width, height)]);
  return {
    box(one: Found): Found[] {
      const { x1, y1, x2, y2 } = one.box;
      const whole = around([corner(x1, y1), corner(x2, y1), corner(x1, y2), corner(x2, y2)]);
      const [x, y] = [(whole.x1 + whole.x2) / 2, (whole.y1 + whole.y2) / 2];
      if (x < 0 || x > width || y < 0 || y > height) return [];
      const box = {
        x1: Math.max(0, whole.x1),
        y1: Math.max(0, whole.y1),
        x2: Math.min(width, whole.x2),
        y2: Math.min(height, whole.y2),
      };
      return [{ ...one, box }];
    },
    inside({ box: { x1, y1, x2, y2 } }: Found): boolean {
      const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
      return x >= all.x1 && x <= all.x2 && y >= all.y1 && y <= all.y2;
    },
  };
}

/** The stretch for so long; tracks of every round are new ones. */
export function* repeated(moments: readonly Moment[], seconds: number): Generator<Moment> {
  let left = seconds;
  for (let round = 1; left > 0; round++)
    for (const { detections, ...moment } of moments) {
      left -= moment.stepS;
      if (left < 0) return;
      yield {
        ...moment,
        detections: detections.map(({ trackId, ...rest }) => ({
          ...rest,
          trackId: trackId === undefined ? undefined : trackId + 5_000_000 + 10_000 * round,
        })),
      };
    }
}
