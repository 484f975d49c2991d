import { boxIou } from '../box.ts';
import type { Detection } from '../detection.ts';

/** Boxes that overlap by so much are one thing seen twice. */
const leastIou = 0.5;

/** How far two models agree on one frame. */
export interface FrameAgreement {
  readonly serve: number;
  readonly shadow: number;
  /** Pairs of boxes that overlap, whatever they are called. */
  readonly matched: number;
  /** Of those, pairs with two labels. */
  readonly flips: number;
  /** Of those with one label: sum of the shadow's score minus the serving one's, as it is and without sign. */
  readonly scoreDifference: number;
  readonly scoreDistance: number;
}

/** Each box is matched once, the pairs that overlap most first. */
export function compareDetections(serve: readonly Detection[], shadow: readonly Detection[]): FrameAgreement {
  const pairs = serve.flatMap((a) =>
    shadow.map((b) => ({ a, b, iou: boxIou(a.box, b.box) })).filter(({ iou }) => iou >= leastIou),
  );
  pairs.sort((one, other) => other.iou - one.iou);
  const taken = new Set<Detection>();
  const sums = { matched: 0, flips: 0, scoreDifference: 0, scoreDistance: 0 };
  for (const { a, b } of pairs) {
    if (taken.has(a) || taken.has(b)) continue;
    taken.add(a).add(b);
    sums.matched += 1;
    if (a.label !== b.label) {
      sums.flips += 1;
      continue;
    }
    sums.scoreDifference += b.score - a.score;
    sums.scoreDistance += Math.abs(b.score - a.score);
  }
  return { serve: serve.length, shadow: shadow.length, ...sums };
}

/** A shadow beside the node that it is compared with, since both have the models that they have. */
export interface Agreement {
  readonly against: string;
  /** Frames that both looked at. */
  readonly frames: number;
  /** Frames on which one found what the other did not, or called it otherwise. */
  readonly disagreements: number;
  /** Boxes of each, and pairs of them that overlap by half or more. */
  readonly serveBoxes: number;
  readonly shadowBoxes: number;
  readonly matched: number;
  /** Pairs with two labels. */
  readonly classFlips: number;
  /** Share of the shadow's boxes that the serving model has too, by place and label, 0..1; 1 where there are none. */
  readonly precision: number;
  /** Share of the serving model's boxes that the shadow has too, 0..1; 1 where there are none. */
  readonly recall: number;
  /** Mean over pairs of one label: the shadow's score minus the serving one's, and how far apart they are. */
  readonly scoreDifference: number;
  readonly scoreDistance: number;
}

export class AgreementTally {
  readonly #against: string;
  #frames = 0;
  #disagreements = 0;
  #sum: FrameAgreement = { serve: 0, shadow: 0, matched: 0, flips: 0, scoreDifference: 0, scoreDistance: 0 };

  constructor(against: string) {
    this.#against = against;
  }

  /** True where the two differ. */
  add(frame: FrameAgreement): boolean {
    const sum = this.#sum;
    this.#sum = {
      serve: sum.serve + frame.serve,
      shadow: sum.shadow + frame.shadow,
      matched: sum.matched + frame.matched,
      flips: sum.flips + frame.flips,
      scoreDifference: sum.scoreDifference + frame.scoreDifference,
      scoreDistance: sum.scoreDistance + frame.scoreDistance,
    };
    this.#frames += 1;
    const differ = frame.flips > 0 || frame.matched < frame.serve || frame.matched < frame.shadow;
    if (differ) this.#disagreements += 1;
    return differ;
  }

  /** One of the two models is another one. */
  reset(): void {
    this.#frames = 0;
    this.#disagreements = 0;
    this.#sum = { serve: 0, shadow: 0, matched: 0, flips: 0, scoreDifference: 0, scoreDistance: 0 };
  }

  get value(): Agreement {
    const { serve, shadow, matched, flips, scoreDifference, scoreDistance } = this.#sum;
    const same = matched - flips;
    const share = (part: number, whole: number, none: number) => (whole === 0 ? none : part / whole);
    return {
      against: this.#against,
      frames: this.#frames,
      disagreements: this.#disagreements,
      serveBoxes: serve,
      shadowBoxes: shadow,
      matched,
      classFlips: flips,
      precision: share(same, shadow, 1),
      recall: share(same, serve, 1),
      scoreDifference: share(scoreDifference, same, 0),
      scoreDistance: share(scoreDistance, same, 0),
    };
  }
}
