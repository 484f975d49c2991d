import { createHash } from 'node:crypto';
import { readBundle } from '../../../src/adapters/filesystem/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import {
  type CameraRules,
  type Detection,
  type Detector,
  defaultCameraSettings,
  RuleCounter,
  type RuleEvent,
  type TrackedDetection,
  Tracker,
} from '../../../src/perception/index.ts';
import { defaultTrackerOptions } from '../../../src/perception/tracker/index.ts';
import { createDetector } from '../../../src/runtime/index.ts';
import { createStreet } from '../../../src/simulation/index.ts';
import { expectedCrossings, expectedVisits, type Story } from '../../unit/perception/rules/oracle.ts';

const [width, height, fps] = [640, 360, 15];
const aspect = width / height;
const moving = ['car', 'truck', 'pedestrian'];
const usualScore = defaultCameraSettings.scoreThreshold;

// Between the rows and columns of pixels: on a border the oracle and the rules may round to two sides.
const rules = {
  zones: {
    road: {
      points: [
        [0.2513, 0.6513],
        [0.7513, 0.6513],
        [0.9513, 0.9513],
        [0.0513, 0.9513],
      ],
      classes: moving,
    },
    ground: {
      points: [
        [0, 0.6513],
        [1, 0.6513],
        [1, 1],
        [0, 1],
      ],
      classes: moving,
    },
  },
  lines: {
    near: {
      points: [
        [0, 0.7013],
        [1, 0.7013],
      ],
      classes: moving,
    },
    middle: {
      points: [
        [0.5013, 0.6513],
        [0.5013, 1],
      ],
      classes: moving,
    },
  },
} as const satisfies CameraRules;

interface Picture {
  readonly stampNs: bigint;
  readonly s: number;
  /** With their true ids. */
  readonly truth: readonly TrackedDetection[];
  readonly found: readonly Detection[];
}

interface Counted {
  readonly entered: number;
  readonly crossed: number;
  /** Of all visits that ended. */
  readonly dwellSeconds: number;
  readonly visits: number;
}

/** What zones and lines count on scenes whose truth is known, from the truth itself, from tracks over it, and from a model. */
export async function countStreet(seconds: number, seeds: readonly number[]): Promise<void> {
  const { detector } = await createDetector(await readBundle('models/street'), {
    ...{ engine: 'onnxruntime-node', threads: 1, log: silentLog },
  });
  const head = ['scene', 'counted from', 'entered', '', 'crossed', '', 'dwell s', '', '1 in 100'];
  console.log(line(head));
  const sums = new Map<string, Counted[]>();
  try {
    for (const seed of seeds) {
      const pictures = await record(seed, seconds, detector);
      const oracle = oracleOf(pictures);
      for (const [name, counted] of [['oracle', oracle], ...ways(pictures)] as const) {
        sums.set(name, [...(sums.get(name) ?? []), counted]);
        show(`street ${seed}`, name, counted, oracle);
      }
    }
  } finally {
    await detector.close();
  }
  const total = (name: string) => (sums.get(name) ?? []).reduce(add);
  for (const name of sums.keys()) show('all', name, total(name), total('oracle'));
}

function ways(pictures: readonly Picture[]): (readonly [string, Counted])[] {
  const tracked = (boxes: (picture: Picture) => readonly Detection[], score = usualScore) => {
    const tracker = new Tracker({ highThreshold: score });
    return play(pictures, (picture) => tracker.update(boxes(picture), picture.stampNs));
  };
  // A tenth is lost, by a rule that is the same on every machine.
  const kept = pictures.filter(
    ({ stampNs }) => createHash('sha1').update(String(stampNs)).digest()[0]! >= 26,
  );
  return [
    ['true tracks', play(pictures, ({ truth }) => truth)],
    ['true tracks, a tenth of the frames lost', play(kept, ({ truth }) => truth)],
    ['tracker on true boxes', tracked(({ truth }) => truth.map(({ trackId: _, ...box }) => box))],
    ['tracker on the boxes of a model', tracked(({ found }) => found)],
    ['the same, from a score of 0.5', tracked(({ found }) => found, 0.5)],
  ];
}

async function record(seed: number, seconds: number, detector: Detector): Promise<Picture[]> {
  const street = createStreet({ seed, width, height });
  const pictures: Picture[] = [];
  for (let sequence = 0; sequence < seconds * fps; sequence++) {
    const s = sequence / fps;
    const { pixels, truth } = street.render(s);
    const stampNs = BigInt(Math.round(s * 1e9));
    const frame = {
      ...{ camera: 'street', sequence, stampNs, frameId: 'street', width, height },
      ...{ encoding: 'rgb8' as const, step: 3 * width, pixels: { data: pixels, release: () => {} } },
    };
    const asked = { ...defaultCameraSettings, scoreThreshold: defaultTrackerOptions.lowThreshold };
    const { detections } = await detector.detect(frame, asked);
    pictures.push({
      ...{ s, stampNs, found: detections },
      truth: truth.map(({ id, label, box }) => ({ classId: 0, label, score: 1, box, trackId: id })),
    });
  }
  return pictures;
}

function play(
  pictures: readonly Picture[],
  tracks: (picture: Picture) => readonly TrackedDetection[],
): Counted {
  const counter = new RuleCounter(rules);
  return counted(
    pictures.flatMap((picture) => {
      const frame = { stampNs: picture.stampNs, width, height, detections: tracks(picture) };
      return counter.update(frame).events;
    }),
  );
}

function counted(events: readonly RuleEvent[]): Counted {
  const left = events.flatMap((event) => (event.kind === 'left' ? [event.dwellSeconds] : []));
  return {
    entered: events.filter(({ kind }) => kind === 'entered').length,
    crossed: events.filter(({ kind }) => kind === 'crossed').length,
    dwellSeconds: left.reduce((sum, dwell) => sum + dwell, 0),
    visits: left.length,
  };
}

function oracleOf(pictures: readonly Picture[]): Counted {
  const stories = storiesOf(pictures);
  const visits = Object.values(rules.zones).flatMap((zone) => expectedVisits(zone, aspect, stories));
  const over = visits.flatMap(({ from, to }) => (to === undefined ? [] : [to - from]));
  const crossings = Object.values(rules.lines).flatMap((one) => expectedCrossings(one, aspect, stories));
  return {
    entered: visits.length,
    crossed: crossings.length,
    dwellSeconds: over.reduce((sum, dwell) => sum + dwell, 0),
    visits: over.length,
  };
}

/** What was seen of each true object, parted where nobody saw it for more than a second. */
function storiesOf(pictures: readonly Picture[]): Story[] {
  const lostSeconds = defaultTrackerOptions.lostMs / 1000;
  const end = pictures.at(-1)?.s ?? 0;
  const parts = new Map<number, { id: number; label: string; sightings: Story['sightings'][number][] }[]>();
  for (const { s, truth } of pictures)
    for (const { trackId: id = 0, label, box } of truth) {
      const known = parts.get(id) ?? [];
      parts.set(id, known);
      const last = known.at(-1)?.sightings.at(-1);
      if (last === undefined || s - last.s > lostSeconds + 1e-9) known.push({ id, label, sightings: [] });
      const inside = (value: number, size: number) => Math.min(size - 0.5, Math.max(0.5, value));
      known.at(-1)!.sightings.push({
        s,
        x: inside((box.x1 + box.x2) / 2, width) / height,
        y: inside(box.y2, height) / height,
        height: (box.y2 - box.y1) / height,
      });
    }
  return [...parts.values()]
    .flat()
    .map((part) => ({ ...part, ended: end - part.sightings.at(-1)!.s > lostSeconds }));
}

function add(a: Counted, b: Counted): Counted {
  return {
    entered: a.entered + b.entered,
    crossed: a.crossed + b.crossed,
    dwellSeconds: a.dwellSeconds + b.dwellSeconds,
    visits: a.visits + b.visits,
  };
}

/** Beside the oracle: of all that entered, of all that crossed, of the mean of dwell times. */
function show(scene: string, name: string, of: Counted, oracle: Counted): void {
  const mean = ({ dwellSeconds, visits }: Counted) => dwellSeconds / visits;
  const errors = [
    [of.entered, oracle.entered],
    [of.crossed, oracle.crossed],
    [mean(of), mean(oracle)],
  ].map(([ours = 0, truth = 0]) => (ours - truth) / truth);
  const percent = (error: number) => `${error < 0 ? '' : '+'}${(100 * error).toFixed(1)} %`;
  const shown = name === 'oracle' ? ['', '', ''] : errors.map(percent);
  const kept = errors.every((error) => Math.abs(error) <= 0.01);
  const verdict = name === 'oracle' ? '' : kept ? 'kept' : 'MISSED';
  const [entered = '', crossed = '', dwell = ''] = shown;
  const counts = [of.entered, entered, of.crossed, crossed, mean(of).toFixed(2), dwell];
  console.log(line([scene, name, ...counts, verdict]));
}

function line(cells: readonly (string | number)[]): string {
  const widths = [9, 40, 8, 9, 8, 9, 8, 9, 9];
  return cells
    .map((cell, i) => (i < 2 ? String(cell).padEnd(widths[i]!) : String(cell).padStart(widths[i]!)))
    .join(' ');
}
