import { Segment } from './border.ts';
import { leastSightings, type Passage, passages, type Step } from './membership.ts';
import { anchorPlaces, type Motion } from './motion.ts';
import type { LineCounts, LineEvent } from './rule-event.ts';
import { type Direction, type LineSettings, type Point, ruleDefaults } from './rule-settings.ts';

/** What one object does at one line. */
export interface Crossing {
  passage: Passage;
  /** Since when it is beyond the line, and how often it was seen there. */
  sinceNs: number;
  sightings: number;
}

type Tell = (event: LineEvent) => void;

/** One line of a camera: who crossed it, and to which side. */
export class Line {
  readonly name: string;
  readonly settings: LineSettings;
  readonly #classes: ReadonlySet<string>;
  readonly #anchor: number;
  readonly #hysteresis: number;
  readonly #settleNs: number;
  readonly #stamp: (ns: number) => bigint;
  #segment: Segment;
  readonly #counts = { in: 0, out: 0 };

  constructor(name: string, settings: LineSettings, aspect: number, stamp: (ns: number) => bigint) {
    const { anchor, hysteresis, settleSeconds } = { ...ruleDefaults, ...settings };
    this.name = name;
    this.settings = settings;
    this.#classes = new Set(settings.classes);
    this.#anchor = anchorPlaces[anchor];
    this.#hysteresis = hysteresis;
    this.#settleNs = settleSeconds * 1e9;
    this.#stamp = stamp;
    this.#segment = segmentOf(settings, aspect);
  }

  get counts(): LineCounts {
    return { name: this.name, points: this.settings.points, ...this.#counts };
  }

  reshape(aspect: number): void {
    this.#segment = segmentOf(this.settings, aspect);
  }

  /** Undefined: objects of this label do not count. */
  crossing(label: string): Crossing | undefined {
    if (this.#classes.size > 0 && !this.#classes.has(label)) return undefined;
    return { passage: 'clear', sinceNs: 0, sightings: 0 };
  }

  /** The track was seen again. */
  see(crossing: Crossing, track: Motion, tell: Tell): void {
    const y = track.y[this.#anchor]!;
    const crossed = this.#segment.crossing(track.beforeX, track.beforeY[this.#anchor]!, track.x, y);
    const { passage: before } = crossing;
    if (crossed === undefined && before === 'clear') return;
    // To the same side once more: it went around an end of the line, so the first time is over and counts.
    if (crossed !== undefined && crossed === before) this.#count(crossing, before, track, tell);
    if (crossed !== undefined) this.#take(crossing, crossed, track.seenNs);
    else crossing.sightings += 1;
    const { passage } = crossing;
    if (passage === 'clear' || !this.#sure(crossing, track)) return;
    this.#count(crossing, passage, track, tell);
    crossing.passage = passages[passage].far;
  }

  #take(crossing: Crossing, step: Step, nowNs: number): void {
    crossing.passage = passages[crossing.passage][step];
    crossing.sinceNs = nowNs;
    crossing.sightings = 1;
  }

  #sure({ sightings, sinceNs }: Crossing, track: Motion): boolean {
    if (sightings >= leastSightings && track.seenNs - sinceNs >= this.#settleNs) return true;
    return this.#segment.distance(track.x, track.y[this.#anchor]!) >= this.#hysteresis * track.height;
  }

  #count({ sinceNs }: Crossing, direction: Direction, track: Motion, tell: Tell): void {
    const { direction: counted = 'both' } = this.settings;
    if (counted !== 'both' && counted !== direction) return;
    this.#counts[direction] += 1;
    const { id: trackId, label, speed } = track;
    const by = { trackId, label, speed, stampNs: this.#stamp(sinceNs) };
    tell({ kind: 'crossed', line: this.name, direction, ...by });
  }
}

function segmentOf({ points: [from, to] }: LineSettings, aspect: number): Segment {
  return new Segment([from, to] as [Point, Point], aspect);
}
