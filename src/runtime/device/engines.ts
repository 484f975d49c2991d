import { join } from 'node:path';
import { PlanKeeper } from '../../../device/native/index.ts';
import type { ModelCheck, Occurrence } from '../../agent/index.ts';
import type { Log } from '../../base/index.ts';
import type { EngineName } from '../../model/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { EngineLife } from './engine-supervisor.ts';
import { engineOccurrence } from './engine-events.ts';

export interface AgentEnginesPorts {
  readonly check: ModelCheck;
  readonly log: Log;
  readonly tell: (occurrence: Occurrence) => void;
  /** Engines that took this agent down before. */
  readonly crashed: readonly EngineName[];
}

type EngineSettings = Pick<
  AgentSettings,
  'dataDir' | 'engine' | 'threads' | 'parallel' | 'maxBatch' | 'maxWaitMs'
>;

/** The engines of an agent, as its settings want them. */
export function agentEngines(settings: EngineSettings, ports: AgentEnginesPorts): EngineLife {
  const { dataDir, engine, threads, parallel, maxBatch, maxWaitMs } = settings;
  const { check, log, tell, crashed } = ports;
  return new EngineLife({
    check,
    request: { engine, crashed, log, threads, capacity: parallel, maxBatch, maxWaitMs },
    // A plan has room for as many frames as are to run together.
    plans: new PlanKeeper(join(dataDir, 'engines'), {
      maxBatch,
      onNews: (news) => tell(engineOccurrence(news)),
    }),
    log,
    tell,
  });
}
