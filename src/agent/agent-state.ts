import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { CatalogueEntry, DeploymentState, DesiredModel, PipelineSettings } from '../protocol/index.ts';

const Count = Type.Integer({ minimum: 0 });

/** What the agent must not forget: one small document, replaced as a whole. */
export const AgentState = Type.Object({
  version: Type.Literal(1),
  /** Grows with every start. */
  session: Count,
  /** The last order that was acted on. */
  generation: Count,
  /** What runs when nothing else is ordered; absent until the first commit. */
  committed: Type.Optional(DesiredModel),
  deployment: Type.Object({
    state: DeploymentState,
    model: Type.Optional(DesiredModel),
    reason: Type.Optional(Type.String()),
    /** How often the agent found that it had crashed, or lost its power, while the model was at work. */
    restarts: Count,
    /** The agent was told to end while this was under way. */
    closed: Type.Optional(Type.Boolean()),
  }),
  /** Models that failed here, and the generation that had ordered them. */
  quarantined: Type.Array(Type.Object({ digest: Type.String(), generation: Count, reason: Type.String() }), {
    maxItems: 100,
  }),
  pipelines: Type.Record(Type.String(), PipelineSettings),
  /** Aliases of metrics, so that batches of earlier sessions keep their meaning. */
  catalogue: Type.Array(CatalogueEntry, { maxItems: 4096 }),
});
export type AgentState = Static<typeof AgentState>;

/** Port: the document on the disk. Promises: test/contract/agent-state-storage.ts. */
export interface AgentStateStorage {
  /** Undefined where there is none yet. Rejects with a GoshawkError when it can't be read. */
  load(): Promise<unknown>;
  /**
   * Resolves when it would survive a power cut; an older one is never half overwritten. Rejects with `memory-disk` where
   * the disk refuses.
   */
  save(state: AgentState): Promise<void>;
}

/**
 * A memory without a past. Its session begins at the seconds since 1970, so that a device whose disk was replaced does
 * not count below what the fleet has seen of it.
 */
export function freshAgentState(wallMs: number): AgentState {
  return {
    version: 1,
    session: Math.max(0, Math.floor(wallMs / 1000)),
    generation: 0,
    deployment: { state: 'idle', restarts: 0 },
    quarantined: [],
    pipelines: {},
    catalogue: [],
  };
}

/** What the disk had, if it is what we wrote; else why not. */
export function readAgentState(stored: unknown): AgentState | { readonly damage: string } {
  if (Value.Check(AgentState, stored)) return stored;
  const error = Value.Errors(AgentState, stored).First();
  return { damage: error === undefined ? 'it does not fit' : `${error.path || '/'}: ${error.message}` };
}

/** The model that served last, so that a start can bring it up before it knows anything else. */
export async function lastCommitted(store: AgentStateStorage): Promise<DesiredModel | undefined> {
  const state = readAgentState(await store.load().catch(() => undefined));
  return 'damage' in state ? undefined : state.committed;
}
