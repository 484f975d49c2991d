import type { LineCounts, RuleEvent, RulesResult, ZoneCounts } from './rule-event.ts';
import type { Point } from './rule-settings.ts';

/** One line for a person. */
export function ruleEventWords(event: RuleEvent): string {
  switch (event.kind) {
    case 'entered':
      return `${who(event)} entered ${event.zone}; ${inside(event)}.`;
    case 'left':
      return `${who(event)} ${event.lost ? 'was lost in' : 'left'} ${event.zone} after ${short(event.dwellSeconds)} s; ${inside(event)}.`;
    case 'dwell':
      return `${who(event)} has been in ${event.zone} for ${short(event.dwellSeconds)} s.`;
    case 'speeding':
      return `${who(event)} moves ${event.speed.toFixed(2)} picture heights per second in ${event.zone}.`;
    case 'crossed':
      return `${who(event)} crossed ${event.line}, ${event.direction}.`;
    case 'crowded':
      return `${event.zone} is crowded: ${inside(event)}.`;
    case 'absent':
      return `${event.zone} has been empty for ${short(event.seconds)} s.`;
  }
}

const who = ({ label, trackId }: { readonly label: string; readonly trackId: number }) =>
  `${label} ${trackId}`;
const inside = (event: { readonly inside: number }) => `${event.inside} inside`;
const short = (seconds: number) => seconds.toFixed(1);

/** As JSON, for programs: without the points, which are those of the settings, and stamps as text, which fit no double. */
export function rulesJson({ zones, lines, events }: RulesResult): RulesJson {
  return {
    zones: zones.map(({ points: _, ...zone }) => zone),
    lines: lines.map(({ points: _, ...line }) => line),
    events: events.map(({ stampNs, ...event }) => ({ ...event, stampNs: String(stampNs) })),
  };
}

type WithText<Event> = Event extends unknown ? Omit<Event, 'stampNs'> & { stampNs: string } : never;

interface RulesJson {
  zones: Omit<ZoneCounts, 'points'>[];
  lines: Omit<LineCounts, 'points'>[];
  events: WithText<RuleEvent>[];
}

/** A zone or a line as it is drawn on a picture. */
export interface RuleShape {
  readonly name: string;
  readonly points: readonly Point[];
  readonly isZone: boolean;
  /** Its name and counts. */
  readonly text: string;
}

export function ruleShapes({ zones, lines }: Pick<RulesResult, 'zones' | 'lines'>): RuleShape[] {
  return [
    ...zones.map(({ name, points, inside: now, entered }) => ({
      ...{ name, points, isZone: true },
      text: `${name}: ${now} inside, ${entered} entered`,
    })),
    ...lines.map(({ name, points, in: inward, out }) => ({
      ...{ name, points, isZone: false },
      text: `${name}: ${inward} in, ${out} out`,
    })),
  ];
}
