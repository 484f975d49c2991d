import { percentile } from '../../base/index.ts';
import type { RuleEvent, RulesResult } from '../../perception/index.ts';

/** What the zones and lines of a run counted. */
export interface RunRules {
  readonly zones: Readonly<Record<string, RunZone>>;
  readonly lines: Readonly<Record<string, RunLine>>;
}

export interface RunZone {
  /** At the end, and at most. */
  readonly inside: number;
  readonly most: number;
  readonly entered: number;
  readonly left: number;
  /** Of those that left. */
  readonly dwellSeconds: { readonly p50: number; readonly max: number };
  /** Those that entered, by label. */
  readonly classes: Readonly<Record<string, number>>;
}

export interface RunLine {
  readonly in: number;
  readonly out: number;
  /** Those that crossed, by label. */
  readonly classes: Readonly<Record<string, number>>;
}

interface Seen {
  most: number;
  readonly dwells: number[];
  readonly classes: Map<string, number>;
}

/** Adds up what the rules of one camera say over a run. */
export class RuleTally {
  readonly #zones = new Map<string, Seen>();
  readonly #lines = new Map<string, Seen>();
  #last: RulesResult | undefined;

  /** Undefined where there are no rules. */
  add(rules: RulesResult | undefined): void {
    if (rules === undefined) return;
    this.#last = rules;
    for (const event of rules.events) this.#count(event);
    for (const { name, inside } of rules.zones) {
      const zone = seen(this.#zones, name);
      zone.most = Math.max(zone.most, inside);
    }
  }

  get summary(): RunRules | undefined {
    const { zones, lines } = this.#last ?? { zones: [], lines: [] };
    if (zones.length + lines.length === 0) return undefined;
    return {
      zones: Object.fromEntries(
        zones.map(({ name, inside, entered, left }) => {
          const { most, dwells, classes } = seen(this.#zones, name);
          const dwellSeconds = { p50: percentile(dwells, 0.5), max: Math.max(0, ...dwells) };
          return [name, { inside, most, entered, left, dwellSeconds, classes: Object.fromEntries(classes) }];
        }),
      ),
      lines: Object.fromEntries(
        lines.map(({ name, in: inward, out }) => {
          const { classes } = seen(this.#lines, name);
          return [name, { in: inward, out, classes: Object.fromEntries(classes) }];
        }),
      ),
    };
  }

  #count(event: RuleEvent): void {
    if (event.kind === 'left') seen(this.#zones, event.zone).dwells.push(event.dwellSeconds);
    if (event.kind !== 'entered' && event.kind !== 'crossed') return;
    const { classes } =
      event.kind === 'entered' ? seen(this.#zones, event.zone) : seen(this.#lines, event.line);
    classes.set(event.label, (classes.get(event.label) ?? 0) + 1);
  }
}

function seen(all: Map<string, Seen>, name: string): Seen {
  const known = all.get(name) ?? { most: 0, dwells: [], classes: new Map() };
  all.set(name, known);
  return known;
}
