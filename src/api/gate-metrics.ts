import { metricNames, mostChallenges } from '../protocol/index.ts';

/** What a comparison of each class, zone or line is made of. */
export interface GatePart {
  /** The label of the metric that names them. */
  readonly of: 'class' | 'zone' | 'line';
  /** Its blocks: `entered:gate`. */
  readonly key: 'class' | 'entered' | 'dwell' | 'crossed';
  /** A counter of a device, for each frame or minute, or the mean of what it measured. */
  readonly reads: readonly [name: string, per: 'frame' | 'minute' | 'mean'];
  /** As verdicts name one, with its name for `*`. */
  readonly words: string;
}

/** What a gate can look at. */
export interface GateMetricRow {
  /**
   * How it is compared. `level`: how much of it there is, against what is usual. `trend`: how fast it grows. `events`: how
   * many there were, exact. `share`: of known answers, exact. `bound`: of frames that two models saw, against a bound.
   */
  readonly kind: 'level' | 'trend' | 'events' | 'share' | 'bound';
  /** `log`: harm is a share of what is usual; `linear`: it is in the metric's own unit. */
  readonly scale: 'log' | 'linear';
  /** Which way is harm. */
  readonly direction: 'down' | 'up';
  /** Smallest harm worth finding where nobody says another. */
  readonly harm: number;
  readonly unit: string;
  /** The subjects that have it. */
  readonly of: 'camera' | 'device';
  /** The tasks whose answers it tells apart: for another one it is the same whatever the model answers. Absent: all. */
  readonly tasks?: readonly string[];
  /** Who measures it. Absent: the device itself, which can make it up. */
  readonly seenBy?: 'controller';
  /** Of a share: answers of a device at each look. Absent: one every ten minutes. */
  readonly atLook?: number;
  /** Of a share: what is needed for an answer. */
  readonly needs?: string;
  /** As verdicts name it. */
  readonly words: string;
  /** See docs/rollout-gates.md. */
  readonly about: string;
  /**
   * The metric of a device that its blocks are read from: the mean or p95 of a step, or the highest of several series.
   * Absent: `evidence/blocks.ts` makes them of more than one, or another row's blocks serve.
   */
  readonly reads?: readonly [name: string, how: 'avg' | 'p95' | 'highest'];
  /** Blocks of this other row. */
  readonly blocksOf?: string;
  /** It is one comparison for each class, zone or line. */
  readonly parts?: GatePart;
  /**
   * What a block has in which its camera gave frames and none came out of the model, the worst that can be: nothing, or a
   * latency as long as the block. Absent: a gap, as it is of every metric where the camera is dark or the device away.
   */
  readonly silent?: 'zero' | 'block';
  /** It follows the hours of the day by itself. */
  readonly rhythm?: true;
  /** What never stirs in all of its history strays by so much all the same: 0.002. */
  readonly grain?: number;
  /**
   * How far one camera of the simulated street strays with three days of history, over an hour after the settling: printed
   * by `npm run bench -- rollouts --noise`. It goes down with a power of the time. A real street is another one.
   */
  readonly typical?: readonly [hour: number, power: number];
}

const lossOf = { scale: 'log', direction: 'down', unit: 'share' } as const;
const riseOf = { scale: 'log', direction: 'up', unit: 'share' } as const;
const perHour = { kind: 'events', scale: 'linear', direction: 'up', harm: 1, unit: 'per hour' } as const;
const ofCamera = { kind: 'level', of: 'camera' } as const;
const ofDevice = { kind: 'level', of: 'device' } as const;

const boxes = ['detection', 'obb', 'instance-segmentation', 'pose'];
const classes = [...boxes, 'semantic-segmentation', 'classification'];

/** Every metric of gates: the API's schema, the gates, what they ask devices for, the help and docs read this table. */
export const gateMetricTable = {
  detections: {
    ...ofCamera,
    ...lossOf,
    harm: 0.1,
    rhythm: true,
    silent: 'zero',
    typical: [0.077, 0.28],
    tasks: boxes,
    words: 'detections per frame',
    about: 'detections per frame',
  },
  'class-mix': {
    ...ofCamera,
    ...lossOf,
    harm: 0.25,
    rhythm: true,
    silent: 'zero',
    typical: [0.166, 0.33],
    blocksOf: 'detections',
    parts: {
      of: 'class',
      key: 'class',
      reads: [metricNames.classDetections, 'frame'],
      words: 'detections of * per frame',
    },
    tasks: classes,
    words: 'detections of one class per frame',
    about: 'the same of each class: those that you name, or up to twelve that are 1 % of all',
  },
  'zone-entries': {
    ...ofCamera,
    ...lossOf,
    harm: 0.15,
    rhythm: true,
    silent: 'zero',
    parts: {
      of: 'zone',
      key: 'entered',
      reads: [metricNames.zoneEntered, 'minute'],
      words: 'entries into the zone * per minute',
    },
    tasks: boxes,
    words: 'entries into a zone per minute',
    about:
      'objects that enter each [zone](zones.md) per minute: of the zones that you name, or of up to twelve',
  },
  'zone-dwell': {
    ...ofCamera,
    ...lossOf,
    harm: 0.15,
    rhythm: true,
    parts: {
      of: 'zone',
      key: 'dwell',
      reads: [metricNames.zoneDwell, 'mean'],
      words: 'stay in the zone *',
    },
    tasks: boxes,
    words: 'stay in a zone',
    about: 'mean seconds that objects stay in each zone: tracks that break make it shorter',
  },
  'line-crossings': {
    ...ofCamera,
    ...lossOf,
    harm: 0.15,
    rhythm: true,
    silent: 'zero',
    parts: {
      of: 'line',
      key: 'crossed',
      reads: [metricNames.lineCrossed, 'minute'],
      words: 'crossings of the line * per minute',
    },
    tasks: boxes,
    words: 'crossings of a line per minute',
    about: 'objects that cross each line per minute, both directions',
  },
  score: {
    ...ofCamera,
    scale: 'linear',
    direction: 'down',
    harm: 0.03,
    unit: 'points',
    rhythm: true,
    typical: [0.0029, 0.35],
    reads: [metricNames.detectionScore, 'avg'],
    tasks: [...classes, 'text'],
    words: 'mean score',
    about: 'mean score',
  },
  'frame-rate': {
    ...ofCamera,
    ...lossOf,
    harm: 0.05,
    silent: 'zero',
    typical: [0.008, 0.5],
    reads: [metricNames.fps, 'avg'],
    words: 'frames per second',
    about: 'frames per second',
  },
  latency: {
    ...ofCamera,
    ...riseOf,
    harm: 0.1,
    silent: 'block',
    typical: [0.0173, 0.44],
    reads: [metricNames.latency, 'p95'],
    words: 'latency',
    about: 'p95 from the stamp of the frame to publishing',
  },
  'missed-target': {
    ...ofCamera,
    scale: 'linear',
    direction: 'up',
    harm: 0.05,
    unit: 'percentage points',
    grain: 0.01,
    typical: [0.031, 0.5],
    words: 'time with a missed target',
    about:
      "share of the time in which frame rate or latency missed the device's target ([targets.md](targets.md)), of the time in which the camera gave what was promised",
  },
  drift: { ...perHour, of: 'camera', words: 'drift alarms', about: 'alarms, no notices' },
  'known-answers': {
    kind: 'share',
    scale: 'linear',
    direction: 'up',
    harm: 0.25,
    unit: 'share',
    of: 'device',
    words: 'wrong known answers',
    needs: 'A bundle with a golden set, and ten minutes for each answer.',
    about: 'golden frames that the live model gets wrong, or gives no answer to',
  },
  challenges: {
    kind: 'share',
    scale: 'linear',
    direction: 'up',
    harm: 0.25,
    unit: 'share',
    of: 'device',
    seenBy: 'controller',
    atLook: mostChallenges,
    words: 'answers of another model',
    needs:
      'A look 15 minutes or more after the change, devices that are online then, and a model with a golden set that the controller can run: neither encrypted nor with a decoder module, and unlike the version before.',
    about:
      'pictures that the controller draws at each look, which the device does not answer as the new version does ([challenge](challenges.md))',
  },
  agreement: {
    kind: 'bound',
    scale: 'linear',
    direction: 'up',
    harm: 0.1,
    unit: 'share',
    of: 'camera',
    words: 'frames with a difference',
    about: 'frames on which a shadow differs from what serves',
  },
  crashes: { ...perHour, of: 'device', words: 'lost engines', about: 'lost, stuck or failing engines' },
  disconnects: {
    ...perHour,
    of: 'device',
    seenBy: 'controller',
    words: 'lost connections',
    about: 'times that the controller lost a device that had not said goodbye: no device can hide them',
  },
  temperature: {
    ...ofDevice,
    scale: 'linear',
    direction: 'up',
    harm: 5,
    unit: '°C',
    rhythm: true,
    typical: [0.96, 0],
    reads: [metricNames.temperature, 'highest'],
    words: 'temperature',
    about: 'hottest zone of the device',
  },
  power: {
    ...ofDevice,
    ...riseOf,
    harm: 0.1,
    rhythm: true,
    reads: [metricNames.power, 'highest'],
    words: 'power',
    about: 'highest rail of the device',
  },
  memory: {
    ...ofDevice,
    ...riseOf,
    harm: 0.15,
    typical: [0.0039, 0.46],
    reads: [metricNames.memory, 'avg'],
    words: 'memory',
    about: 'memory of the device',
  },
  'memory-growth': {
    kind: 'trend',
    scale: 'log',
    direction: 'up',
    harm: 0.05,
    unit: 'share per hour',
    of: 'device',
    typical: [0.0101, 1.47],
    blocksOf: 'memory',
    words: 'growth of memory',
    about: 'a leak',
  },
} as const satisfies Record<string, GateMetricRow>;

export type GateMetricName = keyof typeof gateMetricTable;
/** The field of a metric of a gate that names its classes, zones or lines. */
export const gatePartFields = { class: 'classes', zone: 'zones', line: 'lines' } as const satisfies Record<
  GatePart['of'],
  string
>;
export const gateMetricNames = Object.keys(gateMetricTable) as readonly GateMetricName[];
