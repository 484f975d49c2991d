import { type Static, Type } from '@sinclair/typebox';
import { EngineFingerprint } from './engine-key.ts';

export const EngineState = Type.Union([
  Type.Literal('absent'),
  Type.Literal('building'),
  Type.Literal('ready'),
  Type.Literal('quarantined'),
]);
export type EngineState = Static<typeof EngineState>;

/**
 * - `build`: somebody asked for the engine and it is not there
 * - `built`: the plan lies in its place, complete
 * - `failed`: the build ended with a reason
 * - `interrupted`: a build is noted that nobody is running: the power went, or the process was ended
 * - `damaged`: the plan is gone, or its size or hash is not the noted one
 * - `refused`: the engine does not read a plan whose hash is right
 * - `proven`: it ran the model in place of another engine, and held what the bundle promises
 * - `set-aside`: another device built it, and it is of no use here; says nothing of what is built here
 * - `rejected`: it runs the model, but does not hold what the bundle promises
 * - `order`: an operator, or a new desired state, asks again in spite of what happened
 */
export type EngineEvent =
  | 'build'
  | 'built'
  | 'failed'
  | 'interrupted'
  | 'damaged'
  | 'refused'
  | 'set-aside'
  | 'proven'
  | 'rejected'
  | 'order';

type Row = readonly [EngineState, EngineEvent, EngineState];

/** The whole life of a cache entry; what is not in it can't happen. */
export const engineTransitions: readonly Row[] = [
  ['absent', 'build', 'building'],
  ['absent', 'order', 'absent'],
  ['building', 'built', 'ready'],
  ['building', 'failed', 'quarantined'],
  ['building', 'interrupted', 'absent'],
  ['ready', 'damaged', 'absent'],
  ['ready', 'refused', 'absent'],
  ['ready', 'set-aside', 'absent'],
  ['ready', 'proven', 'ready'],
  ['ready', 'rejected', 'quarantined'],
  ['ready', 'order', 'ready'],
  ['quarantined', 'order', 'absent'],
];

/** An engine that was refused, built anew and refused again is not built a third time. */
export const mostRefusals = 2;

/** The description beside a plan; checked before the plan is read. */
export const EngineManifest = Type.Object(
  {
    schema: Type.Literal(1),
    key: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    fingerprint: EngineFingerprint,
    state: EngineState,
    /** Why it is quarantined; else empty. */
    reason: Type.String({ maxLength: 4000 }),
    refusals: Type.Integer({ minimum: 0 }),
    plan: Type.Union([
      Type.Null(),
      Type.Object(
        {
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
          size: Type.Integer({ minimum: 1 }),
          /** RFC 3339, UTC. */
          builtAt: Type.String(),
          buildMs: Type.Number({ minimum: 0 }),
          /** 0: not measured. */
          peakMemoryBytes: Type.Integer({ minimum: 0 }),
          /** The plan lies encrypted; of what comes out. */
          plain: Type.Optional(
            Type.Object(
              {
                sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
                size: Type.Integer({ minimum: 1 }),
              },
              { additionalProperties: false },
            ),
          ),
          /** It was checked and watched; until then it takes over from another engine alone. */
          proven: Type.Optional(Type.Boolean()),
          /** The device that vouches for it, where another one built it. */
          from: Type.Optional(Type.String({ maxLength: 200 })),
        },
        { additionalProperties: false },
      ),
    ]),
    /** One of another device was of no use: from here on it is built here, also after an order. */
    setAside: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type EngineManifest = Static<typeof EngineManifest>;

/**
 * It came from another device, which vouches for it; this one does not pass it on as its own. A build takes longer than no
 * time.
 */
export function isFetched(plan: EngineManifest['plan']): boolean {
  return plan?.buildMs === 0;
}

export function emptyEntry(key: string, fingerprint: EngineFingerprint): EngineManifest {
  return { schema: 1, key, fingerprint, state: 'absent', reason: '', refusals: 0, plan: null };
}

/** The entry after an event; undefined where the event can't happen in its state. `reason` for `failed`, `refused` and `rejected`. */
export function nextEntry(
  entry: EngineManifest,
  event: EngineEvent,
  detail: { readonly reason?: string; readonly plan?: EngineManifest['plan'] } = {},
): EngineManifest | undefined {
  const row = engineTransitions.find(([state, on]) => state === entry.state && on === event);
  if (row === undefined) return undefined;
  const refusals = event === 'refused' ? entry.refusals + 1 : event === 'order' ? 0 : entry.refusals;
  const state = event === 'refused' && refusals >= mostRefusals ? 'quarantined' : row[2];
  return {
    ...entry,
    state,
    refusals,
    reason: state === 'quarantined' ? (detail.reason ?? 'no reason was given') : '',
    ...(event === 'set-aside' ? { setAside: true } : {}),
    plan: state === 'ready' ? planAfter(event, detail.plan ?? entry.plan) : null,
  };
}

function planAfter(event: EngineEvent, plan: EngineManifest['plan']): EngineManifest['plan'] {
  return plan === null || event !== 'proven' ? plan : { ...plan, proven: true };
}
