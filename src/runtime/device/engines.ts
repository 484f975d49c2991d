import { join } from 'node:path';
import { EngineCacheManager } from '../../../device/native/index.ts';
import type { AgentEvent, ModelCheck } from '../../agent/index.ts';
import type { Log } from '../../base/index.ts';
import type { EngineName } from '../../model/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { engineEvent } from './engine-events.ts';
import { EngineSupervisor } from './engine-supervisor.ts';

export interface AgentEnginesPorts {
  readonly check: ModelCheck;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => void;
  /** Engines that took this agent down before. */
  readonly crashed: readonly EngineName[];
}

type EngineSettings = Pick<
  AgentSettings,
  'dataDir' | 'engine' | 'threads' | 'parallel' | 'maxBatch' | 'maxWaitMs'
>;

/** The engines of an agent, as its settings want them. */
export function agentEngines(settings: EngineSettings, ports: AgentEnginesPorts): EngineSupervisor {
  const { dataDir, engine, threads, parallel, maxBatch, maxWaitMs } = settings;
  const { check, log, reportEvent, crashed } = ports;
  return new EngineSupervisor({
    check,
    request: { engine, crashed, log, threads, capacity: parallel, maxBatch, maxWaitMs },
    // A plan has room for as many frames as are to run together.
    plans: new EngineCacheManager(join(dataDir, 'engines'), {
      maxBatch,
      onNews: (news) => reportEvent(engineEvent(news)),
    }),
    log,
    reportEvent,
  });
}
