import type { Direction, Point } from './rule-settings.ts';

/** What happened by which track; `stampNs` is of the frame in which it began, which may be before the frame that made it sure. */
interface ByTrack {
  readonly stampNs: bigint;
  readonly trackId: number;
  readonly label: string;
  /** Heights of the picture per second. */
  readonly speed: number;
}

interface InZone {
  readonly zone: string;
  /** Objects inside, as of the frame. */
  readonly inside: number;
}

export type ZoneEvent =
  | (ByTrack & InZone & { readonly kind: 'entered' })
  /** `lost`: its track ended inside. */
  | (ByTrack & InZone & { readonly kind: 'left'; readonly dwellSeconds: number; readonly lost: boolean })
  /** It has been inside for as long as the zone asks. */
  | (ByTrack & InZone & { readonly kind: 'dwell'; readonly dwellSeconds: number })
  | (ByTrack & InZone & { readonly kind: 'speeding' })
  /** So many are inside as the zone asks. */
  | (InZone & { readonly kind: 'crowded'; readonly stampNs: bigint })
  /** Nobody was inside for as long as the zone asks. */
  | (InZone & { readonly kind: 'absent'; readonly stampNs: bigint; readonly seconds: number });

export type LineEvent = ByTrack & {
  readonly kind: 'crossed';
  readonly line: string;
  readonly direction: Direction;
};

export type RuleEvent = ZoneEvent | LineEvent;

/** Since the start, or since the zone was changed. */
export interface ZoneCounts {
  readonly name: string;
  readonly points: readonly Point[];
  readonly inside: number;
  readonly entered: number;
  readonly left: number;
}

export interface LineCounts {
  readonly name: string;
  readonly points: readonly Point[];
  readonly in: number;
  readonly out: number;
}

/** What the rules of a camera say of one frame. */
export interface RulesResult {
  readonly zones: readonly ZoneCounts[];
  readonly lines: readonly LineCounts[];
  /** News of this frame. */
  readonly events: readonly RuleEvent[];
}
