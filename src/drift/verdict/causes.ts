import { isCovered, type PictureFit } from '../picture/fit.ts';
import { answerSignals, at, type SignalInfo, type SignalName, signals } from '../signals/catalogue.ts';
import type { SceneChange, SensorFault, Verdict } from './verdict.ts';

/** What the causes are asked about. */
export interface Evidence {
  /** Smoothed over some seconds, in deviations of the reference; 0 where unknown. */
  readonly z: (name: SignalName) => number;
  /** The same where it was furthest in the last seconds. */
  readonly furthest: (name: SignalName) => number;
  /** `z` in the signal's own unit. */
  readonly change: (name: SignalName) => number;
  /** Undefined where no picture came. */
  readonly fit: PictureFit | undefined;
  /** By how much the usual edges match better elsewhere in the picture than in their place, 0..1. */
  readonly placed: number;
  /** The model changed a short while ago, or failed a frame with a known answer. */
  readonly modelSuspect: boolean;
}

/** A cause, how well it explains what is seen (about as many deviations as it takes away), and by what. */
export interface Explanation {
  readonly verdict: Verdict;
  readonly score: number;
  /** The signals that it explains, the telling ones first. */
  readonly signals: readonly SignalName[];
}

/** What explains less is no explanation. */
const leastScore = 2;
/** Odd answers follow from a cause of the picture that explains more than this, the more the better it does, but for a part. */
const clearPicture = 1.5;
const leastOwn = 0.3;

const fault = (name: SensorFault): Verdict => ({ kind: 'sensor-fault', fault: name });
const scene = (name: SceneChange): Verdict => ({ kind: 'scene-change', change: name });
const regression: Verdict = { kind: 'model-regression' };
const more = (value: number): number => Math.max(0, value);

interface Cause {
  /** Of the picture: what a model makes of a picture that it can't read is no cause of its own. */
  readonly picture?: true;
  /** No picture makes a model answer so. */
  readonly own?: true;
  readonly signals: readonly SignalName[];
  verdict(evidence: Evidence): Verdict;
  score(evidence: Evidence): number;
}

/**
 * Every cause with what it does to a picture and to what a model makes of it. Causes of the picture are scored by the cost
 * that they take away from its cells (see `PictureFit`), the others by the deviations that they foresee. They were set on
 * some kinds of faults of three views of one video and of the rendered street, and are reported on others (docs/evidence/drift.md).
 */
const causes: readonly Cause[] = [
  {
    // A curve of light, whatever its shape: gamma, gain, haze, clipping.
    picture: true,
    signals: ['brightness', 'log_gain', 'offset', 'contrast', 'entropy_bits', 'bright_share', 'dark_share'],
    verdict: lightOf,
    score: ({ z, fit }) =>
      fit === undefined || fit.lightGain <= 0
        ? 0
        : 2 * fit.lightGain +
          0.3 * Math.min(1, fit.lightGain) * Math.max(Math.abs(z('log_gain')), Math.abs(z('offset'))),
  },
  {
    picture: true,
    signals: ['log_sharpness', 'lost_detail', 'log_noise'],
    verdict: () => fault('blurred'),
    score: ({ fit }) => (fit === undefined ? 0 : 2.5 * lostDetail(fit) * atHome(fit)),
  },
  {
    picture: true,
    signals: ['log_noise', 'log_sharpness', 'saturation'],
    verdict: () => fault('noisy'),
    score: ({ fit }) => (fit === undefined || fit.noise <= 0 ? 0 : 2 * fit.noiseGain * unlit(fit)),
  },
  {
    // Noise of whole rows or of moments: nothing has moved, and everything does.
    picture: true,
    signals: ['log_unexplained_motion', 'log_sharpness', 'log_motion'],
    verdict: () => fault('noisy'),
    score: ({ z }) =>
      z('log_sharpness') < 3.2
        ? 0
        : 0.6 * more(z('log_unexplained_motion')) + 0.8 * z('log_sharpness') + 0.3 * more(z('log_motion')),
  },
  {
    picture: true,
    signals: ['match', 'foreign_share', 'lost_detail', 'log_gain'],
    verdict: ({ fit }) => fault(isCovered(fit!) ? 'covered' : 'dirty'),
    score: ({ z, fit, placed }) =>
      fit === undefined || fit.kept < 0.35
        ? 0
        : (placed < leastPlaced ? 1 : 0.4) *
          Math.min(1, fit.hidden / leastHidden) *
          (isBlind(z) ? 0.3 : 1) *
          unlit(fit) *
          (3 + 14 * fit.hidden + 2 * fit.hiddenGain + 0.3 * more(z('foreign_share') - leastForeign)),
  },
  {
    // Thin dirt leaves the edges: few cells are foreign, and no light explains them.
    picture: true,
    signals: ['foreign_share', 'match', 'lost_detail'],
    verdict: () => fault('dirty'),
    score: ({ z, fit }) =>
      fit === undefined ||
      fit.lightGain > leastLight ||
      fit.hidden >= leastHidden ||
      z('foreign_share') < leastForeign ||
      isBlind(z)
        ? 0
        : 0.8 * more(z('foreign_share')) + 0.2 * more(-z('match')) - 3 * more(fit.lightGain),
  },
  {
    picture: true,
    signals: ['match', 'foreign_share', 'lost_detail'],
    verdict: () => fault('moved'),
    score: ({ placed }) => (placed < leastPlaced ? 0 : 4 + 22 * placed),
  },
  {
    // A mount that shakes: all edges move, and are soft on average. So they are in fog, which moves when it comes at once.
    picture: true,
    signals: ['log_unexplained_motion', 'lost_detail', 'log_sharpness', 'untracked', 'flicker'],
    verdict: () => fault('moved'),
    score: ({ z, fit }) =>
      softness(z) < 2 || shaking(z) < 2 || (fit?.lightGain ?? 0) > leastLight
        ? 0
        : 0.6 * shaking(z) + 0.8 * Math.min(5, softness(z)),
  },
  {
    picture: true,
    signals: ['red_share', 'blue_share', 'saturation'],
    verdict: () => fault('wrong-colour'),
    score: ({ z, fit }) =>
      (fit?.lightGain ?? 0) > 1.5
        ? 0
        : Math.max(Math.abs(z('red_share')), Math.abs(z('blue_share')), Math.abs(z('saturation'))) * 0.8,
  },
  {
    // The picture does not move, identical or encoded again, and its objects stay.
    picture: true,
    signals: ['log_alive', 'log_motion', 'log_speed'],
    verdict: () => fault('frozen'),
    score: ({ z, fit }) =>
      (z('log_alive') > -4 && z('log_motion') > -2.6) || (fit?.lightGain ?? 0) > 1.5
        ? 0
        : 0.6 * more(-z('log_alive')) +
          more(-z('log_motion')) +
          0.8 * more(-z('log_speed')) -
          // Who left is not found any more; who is frozen is.
          2 * more(-z('detections') - 1),
  },
  {
    // No network gives such numbers, whatever it sees.
    own: true,
    signals: ['invalid_share'],
    verdict: () => regression,
    score: ({ z }) => 3 * more(z('invalid_share')),
  },
  {
    // Answers of before: the pipeline says how late.
    signals: ['stale_shift'],
    verdict: () => regression,
    score: ({ z }) => more(z('stale_shift')),
  },
  {
    // Boxes beside what moves.
    signals: ['box_grip', 'log_unexplained_motion', 'log_speed'],
    verdict: () => regression,
    score: ({ z }) =>
      z('box_grip') > -1 ? 0 : 0.8 * -z('box_grip') + 0.4 * more(z('log_unexplained_motion')),
  },
  {
    // Things move as they always did, and fewer are found.
    signals: ['detections', 'log_unexplained_motion', 'log_candidates'],
    verdict: () => regression,
    score: ({ z }) =>
      z('detections') > -0.7 || z('log_unexplained_motion') < 1
        ? 0
        : -z('detections') + 0.8 * z('log_unexplained_motion') + 0.3 * Math.abs(z('log_candidates')),
  },
  {
    // The same things are found less surely. In a crowd one hides the other.
    signals: ['score', 'low_margin', 'score_evidence', 'log_track_age'],
    verdict: () => regression,
    score: ({ z }) =>
      more(-z('score')) +
      0.5 * more(z('low_margin')) +
      1.2 * more(z('score_evidence')) +
      0.3 * more(-z('log_track_age')) -
      more(z('detections') - 1),
  },
  {
    // Scores are spread in another way for half a minute; whatever says more explains that, too.
    signals: ['score_ks', 'score'],
    verdict: () => regression,
    score: ({ z }) => (z('score') > 0 || z('score_ks') < leastSpread ? 0 : leastScore + 0.1),
  },
  {
    // The same things are found twice, or come and go.
    signals: ['flicker', 'log_candidates', 'untracked', 'detections'],
    verdict: () => regression,
    score: ({ z }) => more(z('flicker')) + 0.5 * more(z('untracked')) + 0.4 * Math.abs(z('log_candidates')),
  },
  {
    // The same things at the same places, called something else.
    signals: ['class_misfit', 'class_flips', 'class_evidence', 'unknown_class'],
    verdict: () => regression,
    score: ({ z }) =>
      confusion(z) < leastConfusion ? 0 : confusion(z) + otherClasses(z) - more(z('detections')),
  },
  {
    // What the task says of its answers, whatever that is.
    signals: answerSignals,
    verdict: () => regression,
    score: ({ z }) => oddAnswer(z),
  },
  {
    // Classes that were never seen, or another mix of those that were.
    signals: ['unknown_class', 'class_evidence', 'mix_distance'],
    verdict: () => ({ kind: 'label-shift' }),
    score: ({ z }) => otherClasses(z) + more(z('mix_distance')),
  },
  {
    // Other sizes, shapes and places of boxes.
    signals: ['log_area', 'log_aspect', 'centre_x', 'centre_y'],
    verdict: () => ({ kind: 'label-shift' }),
    score: ({ z }) => 0.7 * shapeChange(z),
  },
  {
    signals: ['detections', 'log_motion', 'untracked'],
    verdict: () => scene('busier'),
    score: ({ z }) =>
      z('detections') < 0 ? 0 : z('detections') + 0.5 * z('log_motion') - 0.5 * more(z('flicker')),
  },
  {
    signals: ['detections', 'log_motion'],
    verdict: () => scene('emptier'),
    score: ({ z }) =>
      more(-z('detections')) + 0.3 * more(-z('log_motion')) - 0.8 * more(z('log_unexplained_motion')),
  },
];

/** Deviations of a memory of half a minute, which everything leaves its mark in. */
const leastSpread = 4;

/** Deviations of boxes whose class does not fit their place and shape, or is another one than a moment ago. */
const leastConfusion = 2.5;

function confusion(z: Evidence['z']): number {
  return Math.max(z('class_misfit'), z('class_flips'));
}

function otherClasses(z: Evidence['z']): number {
  return 0.6 * more(z('unknown_class')) + 1.2 * more(z('class_evidence'));
}

/** Deviations of what the task says of its answers. */
export function oddAnswer(z: Evidence['z']): number {
  return Math.max(...answerSignals.map((name) => Math.abs(z(name))));
}

/** Share of the parts with edges: people that stand still hide less. */
const leastHidden = 0.08;

/** Cost that a curve of light takes away, from which it is light that changed. */
const leastLight = 1;

/** In the dark a sensor turns up its noise, and lamps make edges of their own: what light explains hides little. */
function unlit({ lightGain }: PictureFit): number {
  return 1 / (1 + 0.25 * more(lightGain - 0.5));
}

/** Deviations: who stops where nobody usually does is foreign for a while. */
const leastForeign = 3;

/** Who drives through the picture and is not found looks foreign too, but dirt does not move. */
function isBlind(z: Evidence['z']): boolean {
  return z('detections') < -2 && z('log_unexplained_motion') > 2.5;
}

/** By how much edges match better elsewhere: what is found there does not hide its old place. */
export const leastPlaced = 0.1;

/** Cost that a loss of fine detail takes away: of edges, or of the grain alone, as a stronger compression leaves it. */
function lostDetail({ sharpness, blurGain, noise, noiseGain }: PictureFit): number {
  const edges = sharpness > 0.85 ? 0 : blurGain;
  const grain = noise > -1.5 ? 0 : 0.4 * noiseGain;
  return Math.max(edges, grain);
}

/** Deviations by which edges are soft. */
function softness(z: Evidence['z']): number {
  return Math.max(z('lost_detail'), -z('log_sharpness'));
}

/** Deviations of motion that is not of objects which are missing among the answers. */
function shaking(z: Evidence['z']): number {
  return z('log_unexplained_motion') - more(-z('detections'));
}

/** Blur is judged where the view is still in its place. */
function atHome({ hidden }: PictureFit): number {
  return hidden < 0.25 ? 1 : 0.3;
}

function shapeChange(z: Evidence['z']): number {
  return Math.max(
    ...(['log_area', 'log_aspect', 'centre_x', 'centre_y'] as const).map((name) => Math.abs(z(name))),
  );
}

/** The shape of the curve says which change of light it is. */
function lightOf({ fit, change }: Evidence): Verdict {
  const { dark, bright, slope, noise } = fit!;
  const light = (dark + bright) / 2;
  if (light > 0 && (change('bright_share') > 0.12 || noise < -1.5) && dark > 0 && bright > 0.05)
    return change('bright_share') > 0.06 ? fault('overexposed') : scene('brighter');
  // Haze lifts what is dark, and leaves what is bright.
  if (light > 0) return scene(bright > 0.3 * dark ? 'brighter' : 'hazier');
  // A sensor in the dark turns its gain up, and its noise with it; a lens that lets no light in does not.
  return slope < 0.8 && dark > 0.6 * bright && noise < 0.3 && Math.abs(change('offset')) < 0.05
    ? fault('black')
    : scene('darker');
}

/** What odd answers count by themselves beside a cause of the picture. */
function ownOf(picture: number): number {
  return Math.max(leastOwn, Math.min(1, clearPicture / picture));
}

/** Deviations that a picture comes to by itself, and from which it is odd. */
const [mayBe, isOdd] = [2, 3];

/**
 * Whether the picture is odd where a cause would show, 0..1. The cells of a healthy picture are never those of the reference:
 * somebody stands somewhere. What its signals take for usual explains nothing, however well it fits.
 */
function oddness(names: readonly SignalName[], { furthest }: Evidence): number {
  const most = Math.max(
    ...names.map((name) => {
      const { sides }: SignalInfo = signals[at[name]]!;
      const value = furthest(name);
      return sides === 'both' ? Math.abs(value) : sides === 'up' ? value : -value;
    }),
  );
  return Math.min(1, more((most - mayBe) / (isOdd - mayBe)));
}

/** How well every cause explains the evidence, the best first; below `leastScore` what it is is not known. */
export function explain(evidence: Evidence): Explanation[] {
  const raw = causes.map((cause) => ({
    cause,
    score: cause.score(evidence) * (cause.picture ? oddness(cause.signals, evidence) : 1),
  }));
  const ofPicture = Math.max(...raw.map(({ cause, score }) => (cause.picture ? score : 0)));
  const all = raw.map(({ cause, score }) => ({
    cause,
    score: cause.picture || cause.own ? score : ownOf(ofPicture) * score,
  }));
  const known = all
    .filter(({ score }) => score >= leastScore)
    .map(({ cause, score }) => ({ verdict: cause.verdict(evidence), score, signals: cause.signals }));
  const suspected = evidence.modelSuspect ? known.map(suspect) : known;
  return [...suspected, { verdict: scene('unfamiliar'), score: leastScore, signals: [] }].toSorted(
    (a, b) => b.score - a.score,
  );
}

/** A model that was touched explains what is found; the weather it does not. */
function suspect(explanation: Explanation): Explanation {
  return explanation.verdict.kind === 'label-shift' ? { ...explanation, verdict: regression } : explanation;
}
