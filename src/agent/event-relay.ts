import type { AgentEvent } from './event-reporter.ts';

interface Reporter {
  reportEvent(event: AgentEvent): Promise<boolean>;
}

/** Events for the agent, also those that happen before it is there. */
export class EventRelay {
  readonly #early: AgentEvent[] = [];
  #agent: Reporter | undefined;
  readonly #watchers: ((event: AgentEvent) => void)[] = [];

  /** True when the outbox has it; false for one that waits for the agent. */
  readonly report = async (event: AgentEvent): Promise<boolean> => {
    for (const watcher of this.#watchers) watcher(event);
    if (this.#agent !== undefined) return this.#agent.reportEvent(event);
    this.#early.push(event);
    return false;
  };

  /** Hears each of them at once. */
  watch(watcher: (event: AgentEvent) => void): void {
    this.#watchers.push(watcher);
  }

  attach(agent: Reporter): void {
    this.#agent = agent;
    for (const event of this.#early.splice(0)) void agent.reportEvent(event);
  }
}
