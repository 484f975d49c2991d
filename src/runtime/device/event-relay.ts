import type { AgentEvent } from '../../agent/index.ts';

interface Reporter {
  reportEvent(event: AgentEvent): Promise<boolean>;
}

/** Events for the agent, also those that happen before it is there. */
export class EventRelay {
  readonly #early: AgentEvent[] = [];
  #agent: Reporter | undefined;

  readonly report = (event: AgentEvent): void => {
    if (this.#agent === undefined) this.#early.push(event);
    else void this.#agent.reportEvent(event);
  };

  attach(agent: Reporter): void {
    this.#agent = agent;
    for (const event of this.#early.splice(0)) void agent.reportEvent(event);
  }
}
