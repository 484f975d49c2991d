import { seededRandom } from '../../../../src/drift/random.ts';
import type { TraceDetection, TraceFrame } from '../trace.ts';
import type { Corruption } from './picture-corruptions.ts';

/** A frame with what the pipeline says of it. */
export interface Answered {
  readonly frame: TraceFrame;
  readonly latencyMs: number;
}

export interface AnswerCorruption extends Corruption {
  /** `frames`: the stretch without a fault, with tracks. */
  apply(frames: readonly TraceFrame[], severity: number, classes: number): Answered[];
  /** Answers are compared with what is there when they come. */
  readonly late?: (severity: number) => number;
}

const at = (severity: number, ...values: readonly number[]): number => values[severity - 1]!;
const usualLatencyMs = 15;
const regression = ['model regression'];

function changed(
  frames: readonly TraceFrame[],
  change: (detections: readonly TraceDetection[], index: number) => readonly TraceDetection[],
): Answered[] {
  return frames.map((frame, index) => ({
    frame: { ...frame, detections: change(frame.detections, index) },
    latencyMs: usualLatencyMs,
  }));
}

/** The same number for the same track, whatever the frame. */
const ofTrack = ({ trackId = 0 }: TraceDetection, salt: number): number =>
  seededRandom(trackId * 31 + salt).next();

const lateBy = (severity: number) => at(severity, 0.6, 1, 1.8, 3, 5);

function moved({ box: [x1, y1, x2, y2], ...rest }: TraceDetection, dx: number, dy: number): TraceDetection {
  const [x, y] = [dx * (x2 - x1), dy * (y2 - y1)];
  return { ...rest, box: [x1 + x, y1 + y, x2 + x, y2 + y] };
}

/** Faults of the model and of what lies between it and its users: the picture stays as it is. */
export const answerCorruptions: readonly AnswerCorruption[] = [
  {
    ...{ name: 'late', family: 'answers', held: false, right: regression },
    late: lateBy,
    apply: (frames, severity) => frames.map((frame) => ({ frame, latencyMs: 1000 * lateBy(severity) })),
  },
  {
    // As late, and nobody says so: the stamps are those of the newest picture.
    ...{ name: 'stale', family: 'answers', held: true, right: regression },
    apply: (frames, severity) => {
      const back = Math.round(5 * lateBy(severity));
      return changed(
        frames,
        (_, index) => frames[(index - back + frames.length) % frames.length]!.detections,
      );
    },
  },
  {
    ...{ name: 'shifted-boxes', family: 'answers', held: false, right: regression },
    apply: (frames, severity) =>
      changed(frames, (detections) =>
        detections.map((d) =>
          moved(d, at(severity, 0.15, 0.3, 0.5, 0.8, 1.2), at(severity, 0.1, 0.2, 0.3, 0.4, 0.6)),
        ),
      ),
  },
  {
    ...{ name: 'random-boxes', family: 'answers', held: false, right: regression },
    apply: (frames, severity) =>
      changed(frames, (detections, index) => {
        const random = seededRandom(index);
        const share = at(severity, 0.2, 0.4, 0.6, 0.8, 1);
        return detections.map((d) =>
          ofTrack(d, 3) < share ? moved(d, 12 * (random.next() - 0.5), 5 * (random.next() - 0.5)) : d,
        );
      }),
  },
  {
    ...{ name: 'swapped-classes', family: 'answers', held: false, right: regression },
    apply: (frames, severity, classes) =>
      changed(frames, (detections) =>
        detections.map((d) =>
          ofTrack(d, 5) < at(severity, 0.2, 0.4, 0.6, 0.8, 1)
            ? { ...d, classId: (d.classId + 1) % classes }
            : d,
        ),
      ),
  },
  {
    ...{ name: 'flickering-classes', family: 'answers', held: true, right: regression },
    apply: (frames, severity, classes) =>
      changed(frames, (detections, index) => {
        const random = seededRandom(index + 9);
        return detections.map((d) =>
          random.next() < at(severity, 0.1, 0.2, 0.35, 0.5, 0.7)
            ? { ...d, classId: (d.classId + 1) % classes }
            : d,
        );
      }),
  },
  {
    ...{ name: 'missing-boxes', family: 'answers', held: false, right: regression },
    apply: (frames, severity) =>
      changed(frames, (detections) =>
        detections.filter((d) => ofTrack(d, 7) >= at(severity, 0.15, 0.3, 0.5, 0.75, 1)),
      ),
  },
  {
    ...{ name: 'weak-scores', family: 'answers', held: false, right: regression },
    apply: (frames, severity) =>
      changed(frames, (detections) =>
        detections
          .map((d) => ({ ...d, score: d.score * (1 - 0.1 * severity) }))
          .filter(({ score }) => score >= 0.1),
      ),
  },
  {
    ...{ name: 'doubled-boxes', family: 'answers', held: true, right: regression },
    apply: (frames, severity) =>
      changed(frames, (detections, index) => {
        const random = seededRandom(index + 5);
        return detections.flatMap((d) =>
          random.next() < at(severity, 0.2, 0.4, 0.6, 0.8, 1)
            ? [d, { ...moved(d, 0.3 * random.next(), 0.3 * random.next()), score: 0.9 * d.score }]
            : [d],
        );
      }),
  },
  {
    ...{ name: 'frames-lost', family: 'answers', held: false, right: ['sensor fault: frame rate lost'] },
    apply: (frames, severity) =>
      frames
        .map((frame, index) => ({ frame, index, latencyMs: usualLatencyMs }))
        .filter(({ index }) => index % at(severity, 2, 3, 5, 8, 13) === 0),
  },
];
