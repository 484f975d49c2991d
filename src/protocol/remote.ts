import { type Static, Type } from '@sinclair/typebox';
import { Count, TimeMs } from './scalars.ts';

/** What may be restarted from the fleet. */
export const RestartTarget = Type.Union([Type.Literal('agent'), Type.Literal('board')]);
export type RestartTarget = Static<typeof RestartTarget>;

export const LogLineLevel = Type.Union([
  Type.Literal('debug'),
  Type.Literal('info'),
  Type.Literal('warn'),
  Type.Literal('error'),
]);
export type LogLineLevel = Static<typeof LogLineLevel>;

/** Characters of a line's message, and of its fields. */
export const maxLogText = 1000;

/** One line of the agent's log, without secrets. */
export const LogLine = Type.Object({
  /** Grows with every line, also over restarts. */
  number: Count,
  timeMs: TimeMs,
  level: LogLineLevel,
  message: Type.String({ maxLength: maxLogText }),
  /** Its fields as JSON. */
  fields: Type.Optional(Type.String({ maxLength: maxLogText })),
});
export type LogLine = Static<typeof LogLine>;

const BundleId = Type.String({ pattern: '^[0-9a-f]{16}$' });

/** Bytes of a support bundle in one answer of `call/bundle`, and of a whole one. */
export const bundleChunkBytes = 128 * 1024;
export const maxBundleBytes = 4 * 1024 * 1024;

/** The commands of a fixed list that act on the agent itself; the settings of the device say which it obeys. */
export const remoteCalls = {
  /** Answered before it is done. `session`: the one that is to end, so that a repeated message restarts nothing twice. */
  restart: {
    request: Type.Object({ what: RestartTarget, session: Count }),
    response: Type.Object({}),
  },
  /** The agent's own log, oldest first. Ask again with `next` as `after`. */
  logs: {
    request: Type.Object({
      /** Only later lines. Without it and `sinceMs`: the last ones. */
      after: Type.Optional(Count),
      sinceMs: Type.Optional(TimeMs),
      /** This and more severe. */
      level: Type.Optional(LogLineLevel),
      limit: Type.Integer({ minimum: 1, maximum: 200 }),
    }),
    response: Type.Object({
      lines: Type.Array(LogLine, { maxItems: 200 }),
      next: Count,
      /** There are later lines already. */
      more: Type.Boolean(),
      /** Lines after `after` that had to make room. */
      lost: Count,
    }),
  },
  /** A support bundle. Without `id` it is begun; ask again with the `id` until `size` is there. */
  bundle: {
    request: Type.Object({ id: Type.Optional(BundleId), offset: Count }),
    response: Type.Object({
      id: BundleId,
      size: Type.Optional(Count),
      /** base64, of at most `bundleChunkBytes` bytes. */
      data: Type.Optional(Type.String({ maxLength: 176_000, pattern: '^[A-Za-z0-9+/]*={0,2}$' })),
    }),
  },
} as const;
