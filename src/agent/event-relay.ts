import type { AgentEvent } from './event-reporter.ts';

interface Reporter {
  reportEvent(event: AgentEvent): Promise<boolean>;
}

/** Events for the agent, also those that happen before it is there. */
export class EventRelay {
  readonly #early: AgentEvent[] = [];
  #agent: Reporter | undefined;
  #watcher: (event: AgentEvent) => void = () => {};

  /** True when the outbox has it; false for one that waits for the agent. */
  readonly report = async (event: AgentEvent): Promise<boolean> => {
    this.#watcher(event);
    if (this.#agent !== undefined) return this.#agent.reportEvent(event);
    this.#early.push(event);
    return false;
  };

  /** One who hears each of them at once. */
  watch(watcher: (event: AgentEvent) => void): void {
    this.#watcher = watcher;
  }

  attach(agent: Reporter): void {
    this.#agent = agent;
    for (const event of this.#early.splice(0)) void agent.reportEvent(event);
  }
}
