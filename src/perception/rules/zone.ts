import { Polygon } from './border.ts';
import { leastSightings, type Membership, memberships, type Sight } from './membership.ts';
import { anchorPlaces, type Motion } from './motion.ts';
import type { ZoneCounts, ZoneEvent } from './rule-event.ts';
import { ruleDefaults, type ZoneSettings } from './rule-settings.ts';

/** What one object does in one zone. */
export interface Visit {
  membership: Membership;
  /** Of `entering` and `leaving`: since when, and how often it was seen there. */
  sinceNs: number;
  sightings: number;
  enteredNs: number;
  dwellTold: boolean;
  speedTold: boolean;
}

type Tell = (event: ZoneEvent) => void;
/** The stamp of a time of the rules. */
type StampOf = (ns: number) => bigint;

/** One zone of a camera: who is inside, and for how long. */
export class Zone {
  readonly name: string;
  readonly settings: ZoneSettings;
  readonly #classes: ReadonlySet<string>;
  readonly #anchor: number;
  readonly #hysteresis: number;
  readonly #settleNs: number;
  readonly #dwellNs: number;
  readonly #speedLimit: number;
  readonly #stamp: StampOf;
  #polygon: Polygon;
  #inside = 0;
  #entered = 0;
  #left = 0;
  /** Nobody is inside since then. */
  #emptyNs: number | undefined;
  #absenceTold = false;
  #crowdTold = false;

  constructor(name: string, settings: ZoneSettings, aspect: number, stamp: StampOf) {
    const { anchor, hysteresis, settleSeconds } = { ...ruleDefaults, ...settings };
    this.name = name;
    this.settings = settings;
    this.#classes = new Set(settings.classes);
    this.#anchor = anchorPlaces[anchor];
    this.#hysteresis = hysteresis;
    this.#settleNs = settleSeconds * 1e9;
    this.#dwellNs = (settings.dwellSeconds ?? Number.POSITIVE_INFINITY) * 1e9;
    this.#speedLimit = settings.speedLimit ?? Number.POSITIVE_INFINITY;
    this.#stamp = stamp;
    this.#polygon = new Polygon(settings.points, aspect);
  }

  get counts(): ZoneCounts {
    const { points } = this.settings;
    return { name: this.name, points, inside: this.#inside, entered: this.#entered, left: this.#left };
  }

  reshape(aspect: number): void {
    this.#polygon = new Polygon(this.settings.points, aspect);
  }

  /** Undefined: objects of this label do not count. */
  visit(label: string): Visit | undefined {
    if (this.#classes.size > 0 && !this.#classes.has(label)) return undefined;
    const nothing = { sinceNs: 0, sightings: 0, enteredNs: 0, dwellTold: false, speedTold: false };
    return { membership: 'outside', ...nothing };
  }

  /** The track was seen. */
  see(visit: Visit, track: Motion, tell: Tell): void {
    const { membership } = visit;
    const within = this.#polygon.contains(track.x, track.y[this.#anchor]!);
    // Usually nothing changes, and the rest is skipped.
    if (membership !== (within ? 'inside' : 'outside')) this.#move(visit, within, track, tell);
    if (visit.membership === 'inside') this.#watch(visit, track, tell);
  }

  /** The track has ended: who was inside was seen there last. */
  end(visit: Visit, track: Motion, tell: Tell): void {
    const { membership } = visit;
    if (membership !== 'inside' && membership !== 'leaving') return;
    this.#leave(visit, membership === 'leaving' ? visit.sinceNs : track.seenNs, true, track, tell);
  }

  /** After all tracks of a frame. */
  look(nowNs: number, tell: Tell): void {
    const { minimumCount, absenceSeconds } = this.settings;
    const { name: zone } = this;
    const inside = this.#inside;
    const stampNs = () => this.#stamp(nowNs);
    const crowded = minimumCount !== undefined && inside >= minimumCount;
    if (crowded && !this.#crowdTold) tell({ kind: 'crowded', zone, inside, stampNs: stampNs() });
    this.#crowdTold = crowded;
    if (inside > 0) {
      this.#emptyNs = undefined;
      this.#absenceTold = false;
      return;
    }
    this.#emptyNs ??= nowNs;
    const seconds = (nowNs - this.#emptyNs) / 1e9;
    if (absenceSeconds === undefined || this.#absenceTold || seconds < absenceSeconds) return;
    this.#absenceTold = true;
    tell({ kind: 'absent', zone, inside, seconds, stampNs: stampNs() });
  }

  /** No frame for a while: whether an object was inside meanwhile is unknown. */
  interrupt(): void {
    this.#emptyNs = undefined;
  }

  #move(visit: Visit, within: boolean, track: Motion, tell: Tell): void {
    const { membership: before } = visit;
    const under = before === (within ? 'entering' : 'leaving');
    visit.sinceNs = under ? visit.sinceNs : track.seenNs;
    visit.sightings = under ? visit.sightings + 1 : 1;
    const after = memberships[before][this.#sight(visit, within, track)];
    visit.membership = after;
    const was = before === 'inside' || before === 'leaving';
    const is = after === 'inside' || after === 'leaving';
    if (!was && is) this.#enter(visit, track, tell);
    if (was && !is) this.#leave(visit, visit.sinceNs, false, track, tell);
  }

  #sight(visit: Visit, within: boolean, track: Motion): Sight {
    const settled = visit.sightings >= leastSightings && track.seenNs - visit.sinceNs >= this.#settleNs;
    const far =
      settled || this.#polygon.distance(track.x, track.y[this.#anchor]!) >= this.#hysteresis * track.height;
    return within ? (far ? 'far-in' : 'near-in') : far ? 'far-out' : 'near-out';
  }

  #enter(visit: Visit, track: Motion, tell: Tell): void {
    this.#inside += 1;
    this.#entered += 1;
    visit.enteredNs = visit.sinceNs;
    visit.dwellTold = false;
    visit.speedTold = false;
    tell({ kind: 'entered', ...this.#by(track, visit.enteredNs) });
  }

  #leave(visit: Visit, atNs: number, lost: boolean, track: Motion, tell: Tell): void {
    this.#inside -= 1;
    this.#left += 1;
    visit.membership = 'outside';
    // It is empty since then, and not since that was sure.
    if (this.#inside === 0) this.#emptyNs = atNs;
    const dwellSeconds = (atNs - visit.enteredNs) / 1e9;
    tell({ kind: 'left', ...this.#by(track, atNs), dwellSeconds, lost });
  }

  #watch(visit: Visit, track: Motion, tell: Tell): void {
    const dwellNs = track.seenNs - visit.enteredNs;
    if (!visit.dwellTold && dwellNs >= this.#dwellNs) {
      visit.dwellTold = true;
      tell({ kind: 'dwell', ...this.#by(track, track.seenNs), dwellSeconds: dwellNs / 1e9 });
    }
    if (this.#speedLimit === Number.POSITIVE_INFINITY || visit.speedTold) return;
    if (track.sightings >= leastSightings && track.speed > this.#speedLimit) {
      visit.speedTold = true;
      tell({ kind: 'speeding', ...this.#by(track, track.seenNs) });
    }
  }

  #by({ id: trackId, label, speed }: Motion, atNs: number) {
    return { zone: this.name, stampNs: this.#stamp(atNs), trackId, label, speed, inside: this.#inside };
  }
}
