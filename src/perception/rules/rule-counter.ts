import type { PerceptionResult } from '../detection.ts';
import { defaultTrackerOptions } from '../tracker/index.ts';
import { type Crossing, Line } from './line.ts';
import { Motion } from './motion.ts';
import type { RuleEvent, RulesResult } from './rule-event.ts';
import { type CameraRules, noRules } from './rule-settings.ts';
import { type Visit, Zone } from './zone.ts';

interface Followed {
  readonly motion: Motion;
  /** As zones and lines; undefined where the label of the track does not count. */
  visits: readonly (Visit | undefined)[];
  crossings: readonly (Crossing | undefined)[];
}

export type RulesFrame = Pick<PerceptionResult, 'stampNs' | 'width' | 'height' | 'detections'>;

/** Stamps that go back by more than this are those of a clock that was set. */
const clockSetNs = 10e9;

/**
 * Counts what the tracks of one camera do in its zones and at its lines. Time is that of the stamps alone.
 *
 * INVARIANTS
 * - a frame that is not younger than the one before it says nothing; one that is older by ten seconds begins a new time
 * - a track that was not seen for longer than `lostMs` has ended where it was seen last, also where its id comes again
 * - `entered` is `left` and `inside`; each `left` and `dwell` has an `entered` of its track before it
 * - an edge that flickers over a border is one event: see `memberships` and `passages`
 * - other rules begin at zero, those that stay as they are go on
 */
export class RuleCounter {
  readonly #lostNs: number;
  readonly #tracks = new Map<number, Followed>();
  readonly #stamp = (ns: number) => this.#firstStampNs + BigInt(Math.round(ns));
  #zones: readonly Zone[] = [];
  #lines: readonly Line[] = [];
  #aspect = 1;
  #firstStampNs = 0n;
  #nowNs: number | undefined;
  #late = 0;

  constructor(rules: CameraRules = noRules, lostMs: number = defaultTrackerOptions.lostMs) {
    this.#lostNs = lostMs * 1e6;
    this.configure(rules);
  }

  /** Frames that were not looked at because they came late, or twice. */
  get late(): number {
    return this.#late;
  }

  /** There is nothing to count. */
  get isEmpty(): boolean {
    return this.#zones.length + this.#lines.length === 0;
  }

  configure({ zones = {}, lines = {} }: CameraRules): void {
    const [zonesBefore, linesBefore] = [this.#zones, this.#lines];
    this.#zones = Object.entries(zones).map(
      ([name, settings]) =>
        kept(zonesBefore, name, settings) ?? new Zone(name, settings, this.#aspect, this.#stamp),
    );
    this.#lines = Object.entries(lines).map(
      ([name, settings]) =>
        kept(linesBefore, name, settings) ?? new Line(name, settings, this.#aspect, this.#stamp),
    );
    for (const track of this.#tracks.values()) {
      const { label } = track.motion;
      const { visits, crossings } = track;
      track.visits = this.#zones.map((zone) => visits[zonesBefore.indexOf(zone)] ?? zone.visit(label));
      track.crossings = this.#lines.map(
        (line) => crossings[linesBefore.indexOf(line)] ?? line.crossing(label),
      );
    }
  }

  update(frame: RulesFrame): RulesResult {
    const events: RuleEvent[] = [];
    const tell = (event: RuleEvent) => void events.push(event);
    if (this.#isNews(frame, tell)) this.#look(frame, tell);
    return {
      zones: this.#zones.map(({ counts }) => counts),
      lines: this.#lines.map(({ counts }) => counts),
      events,
    };
  }

  /** All tracks end: those that come are of another count of ids. */
  endTracks(): RuleEvent[] {
    const events: RuleEvent[] = [];
    this.#end(Number.POSITIVE_INFINITY, (event) => void events.push(event));
    return events;
  }

  #isNews({ stampNs }: RulesFrame, tell: (event: RuleEvent) => void): boolean {
    if (this.#nowNs === undefined) {
      this.#firstStampNs = stampNs;
      this.#nowNs = 0;
      return true;
    }
    const before = this.#nowNs;
    const nowNs = Number(stampNs - this.#firstStampNs);
    const set = before - nowNs > clockSetNs;
    if (nowNs <= before && !set) {
      this.#late += 1;
      return false;
    }
    this.#nowNs = nowNs;
    this.#end(set ? Number.POSITIVE_INFINITY : nowNs - this.#lostNs, tell);
    if (set || nowNs - before > this.#lostNs) for (const zone of this.#zones) zone.interrupt();
    return true;
  }

  #look({ width, height, detections }: RulesFrame, tell: (event: RuleEvent) => void): void {
    const nowNs = this.#nowNs ?? 0;
    if (width / height !== this.#aspect) this.#reshape(width / height);
    const seen: Followed[] = [];
    for (const { trackId, label, box } of detections) {
      if (trackId === undefined) continue;
      const track = this.#tracks.get(trackId) ?? this.#follow(trackId, label);
      // No two boxes of a frame have one id; if they had, the first one is the track.
      if (track.motion.sightings > 0 && track.motion.seenNs === nowNs) continue;
      track.motion.see(box, width, height, nowNs);
      seen.push(track);
    }
    for (const [i, zone] of this.#zones.entries())
      for (const { visits, motion } of seen) {
        const visit = visits[i];
        if (visit !== undefined) zone.see(visit, motion, tell);
      }
    for (const [i, line] of this.#lines.entries())
      for (const { crossings, motion } of seen) {
        const crossing = crossings[i];
        if (crossing !== undefined && motion.sightings > 1) line.see(crossing, motion, tell);
      }
    for (const zone of this.#zones) zone.look(nowNs, tell);
  }

  #follow(id: number, label: string): Followed {
    const visits = this.#zones.map((zone) => zone.visit(label));
    const crossings = this.#lines.map((line) => line.crossing(label));
    const track = { motion: new Motion(id, label), visits, crossings };
    this.#tracks.set(id, track);
    return track;
  }

  /** Tracks that were seen last before that time. */
  #end(beforeNs: number, tell: (event: RuleEvent) => void): void {
    for (const [id, { motion, visits }] of this.#tracks) {
      if (motion.seenNs >= beforeNs) continue;
      this.#tracks.delete(id);
      for (const [index, visit] of visits.entries())
        if (visit !== undefined) this.#zones[index]!.end(visit, motion, tell);
    }
  }

  #reshape(aspect: number): void {
    for (const rule of [...this.#zones, ...this.#lines]) rule.reshape(aspect);
    for (const { motion } of this.#tracks.values()) motion.reshape(aspect / this.#aspect);
    this.#aspect = aspect;
  }
}

/** One that is as it was. */
function kept<R extends { readonly name: string; readonly settings: object }>(
  rules: readonly R[],
  name: string,
  settings: object,
): R | undefined {
  return rules.find(
    (rule) => rule.name === name && JSON.stringify(rule.settings) === JSON.stringify(settings),
  );
}
