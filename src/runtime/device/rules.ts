import { type AgentEvent, RuleReporter } from '../../agent/index.ts';
import type { Clock } from '../../base/index.ts';
import { type DetectionSink, noRules, type Pipeline } from '../../perception/index.ts';
import type { AgentSettings } from '../settings/agent.ts';

export interface RuleWiring {
  readonly clock: Clock;
  readonly reportEvent: (event: AgentEvent) => void;
  /** The pipeline comes after its sinks. */
  readonly live: () => Pipeline | undefined;
}

/** Events of zones and lines; none where what the device counts leaves it in sums alone: a zone may count one class. */
export function ruleSinks({ statistics }: AgentSettings, wiring: RuleWiring): DetectionSink[] {
  if (statistics.counts === 'summed') return [];
  const { clock, reportEvent, live } = wiring;
  return [
    new RuleReporter({ clock, reportEvent, rules: (camera) => live()?.settings(camera).rules ?? noRules }),
  ];
}
