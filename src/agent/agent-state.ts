import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  agentSlot,
  CatalogueEntry,
  DeploymentReport,
  DeploymentState,
  DesiredModel,
  DesiredSlot,
  mainSlot,
  PipelineSettings,
} from '../protocol/index.ts';

const Count = Type.Integer({ minimum: 0 });

/** What is kept of a slot. */
const SlotRecord = Type.Object({
  /** What the fleet wants of it; absent while it is being removed, and of a `main` of which the fleet says nothing. */
  desired: Type.Optional(DesiredSlot),
  /** The model that runs without an order; absent until the first commit. */
  committed: Type.Optional(DesiredModel),
  /** Served last, and could not be brought up at a start: brought up again, until it serves or an order names another. */
  lost: Type.Optional(DesiredModel),
  /** Digest of what served before `committed`; it stays on the disk. */
  previous: Type.Optional(Type.String()),
  deployment: Type.Object({
    state: DeploymentState,
    model: Type.Optional(DesiredModel),
    reason: Type.Optional(Type.String()),
    /** How often the agent found that it had crashed, or lost its power, while the model was at work. */
    restarts: Count,
    /** The agent was told to end while this was under way. */
    closed: Type.Optional(Type.Boolean()),
    /** As it is reported. */
    outcome: DeploymentReport.properties.outcome,
    /** It is ready and waits for the fleet or for its machine: an end of the agent says nothing of the model. */
    waiting: Type.Optional(Type.Boolean()),
  }),
  /** Of the agent itself, while another version of it is on trial: cameras that worked before, and met their target. */
  worked: Type.Optional(
    Type.Array(Type.Object({ camera: Type.String(), met: Type.Boolean() }), { maxItems: 64 }),
  ),
  /** The model of the last order that the deployment was given, and by which order. */
  begun: Type.Optional(Type.Object({ digest: Type.String(), order: Type.Optional(Type.String()) })),
});
export type SlotRecord = Static<typeof SlotRecord>;

/** What the agent must not forget: one small document, replaced as a whole. */
export const AgentState = Type.Object({
  version: Type.Literal(1),
  /** Grows with every start. */
  session: Count,
  /** The last order that was acted on. */
  generation: Count,
  /** The signer of that generation, by the required keys; absent if it is unsigned. */
  authority: Type.Optional(Type.String()),
  slots: Type.Record(Type.String(), SlotRecord, { maxProperties: 64 }),
  /** Models that failed here, and what had ordered them. */
  quarantined: Type.Array(
    Type.Object({
      digest: Type.String(),
      generation: Count,
      order: Type.Optional(Type.String()),
      reason: Type.String(),
    }),
    { maxItems: 100 },
  ),
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

/** Of the random part of a session that the disk did not take, milliseconds. */
const unsavedSessionSpreadMs = 60_000;

/**
 * The session of a start whose number the disk does not take. The next start finds the same old number, and must not count
 * itself the same: the fleet would take its batches for repeats and acknowledge them unread. So it is the time plus a random
 * part, for clocks that begin at the same time with every start; above `next`, which a disk that works would have taken.
 * `random` gives [0, 1).
 */
export function unsavedSession(next: number, wallMs: number, random: () => number): number {
  return Math.max(next, Math.floor(wallMs)) + 1 + Math.floor(random() * unsavedSessionSpreadMs);
}

/**
 * A memory without a past. Its session begins at the milliseconds since 1970, so that a device whose disk was replaced does
 * not count below what the fleet has seen of it.
 */
export function freshAgentState(wallMs: number): AgentState {
  return {
    version: 1,
    session: Math.max(0, Math.floor(wallMs)),
    generation: 0,
    slots: {},
    quarantined: [],
    pipelines: {},
    catalogue: [],
  };
}

/** The state from the disk if it is intact, otherwise the reason. */
export function readAgentState(stored: unknown): AgentState | { readonly damage: string } {
  if (Value.Check(AgentState, stored)) return stored;
  const error = Value.Errors(AgentState, stored).First();
  return { damage: error === undefined ? 'it does not fit' : `${error.path || '/'}: ${error.message}` };
}

/** The models that served last, by slot, so that a start can bring them up before it knows anything else. */
export async function lastCommitted(store: AgentStateStorage): Promise<ReadonlyMap<string, DesiredModel>> {
  const state = readAgentState(await store.load().catch(() => undefined));
  const last = new Map<string, DesiredModel>();
  if ('damage' in state) return last;
  for (const [slot, { committed, desired }] of Object.entries(state.slots))
    if (slot !== agentSlot && committed !== undefined && (desired !== undefined || slot === mainSlot))
      last.set(slot, committed);
  return last;
}
