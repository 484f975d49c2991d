import type { AgentEvent } from '../../agent/index.ts';
import type { TimedEvent } from './support-bundle.ts';

const most = 200;

/** The last events of this run, also those that the fleet has acknowledged; without the view of a drift alarm. */
export class RecentEvents {
  readonly #nowMs: () => number;
  readonly #events: TimedEvent[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get list(): readonly TimedEvent[] {
    return this.#events;
  }

  note(event: AgentEvent): void {
    this.#events.push({ timeMs: this.#nowMs(), ...withoutView(event) });
    if (this.#events.length > most) this.#events.shift();
  }
}

/** Strangers may get a support bundle, and it shows the scene. */
function withoutView(event: AgentEvent): AgentEvent {
  if (event.data === undefined || !('view' in event.data)) return event;
  const { view: _, ...data } = event.data;
  return { ...event, data };
}
