import { type Static, Type } from '@sinclair/typebox';
import { addedCameraCalls } from './added-cameras.ts';
import { challengeCalls } from './challenge.ts';
import { clipCalls } from './clips.ts';
import { driftCalls } from './drift.ts';
import { remoteCalls } from './remote.ts';
import { Count, Name, Text } from './scalars.ts';
import { sumCalls } from './sums.ts';
import { WatcherRole } from './watching.ts';

/**
 * What a service of a robot said. `success` is absent where its answer has no such field: nobody knows. `reply`: all of its answer,
 * where it is not of std_srvs; as JSON in the way of rosbridge.
 */
const RobotResult = Type.Object({
  success: Type.Optional(Type.Boolean()),
  message: Text,
  reply: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

/** Methods of `call/<method>`; JSON bodies. `ack` has no response, every other one has. */
export const calls = {
  /** The controller missed something: send the birth again. */
  rebirth: { request: Type.Object({}), response: Type.Object({}) },
  /** The controller has these outbox entries safe in its database; the device may forget them. */
  ack: {
    request: Type.Object({ entries: Type.Array(Count, { maxItems: 1000 }) }),
    response: Type.Object({}),
  },
  /** Send live pictures of one camera for some seconds; called again to go on. */
  preview: {
    request: Type.Object({
      camera: Name,
      seconds: Type.Number({ minimum: 1, maximum: 60 }),
      maxFps: Type.Number({ minimum: 0.2, maximum: 15 }),
      maxWidth: Type.Integer({ minimum: 64, maximum: 1920 }),
      /** Of those who watch: what they may see is the device's own rule. */
      role: WatcherRole,
    }),
    response: Type.Object({}),
  },
  /** Loaded models, settings and health, for `goshawk device show`. */
  describe: { request: Type.Object({}), response: Type.Record(Type.String(), Type.Unknown()) },
  /** Whether a model may be switched on the machine, for so long; for agents whose settings ask for it. */
  updates: {
    request: Type.Object({
      hold: Type.Boolean(),
      seconds: Type.Number({ minimum: 1, maximum: 86_400 }),
      reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    }),
    response: Type.Object({}),
  },
  /** Calls a service of the robot, of those that the device's settings name. */
  robot: {
    request: Type.Object({
      service: Type.String({ minLength: 1, maxLength: 64 }),
      /** For one that is switched on and off. */
      on: Type.Optional(Type.Boolean()),
      /** Fields of the request; the device checks them against the type's definition. */
      request: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    }),
    response: RobotResult,
  },
  ...driftCalls,
  ...challengeCalls,
  ...clipCalls,
  ...sumCalls,
  ...remoteCalls,
  ...addedCameraCalls,
} as const;
export type CallMethod = keyof typeof calls;

/** Calls that a controller makes all the time, before it knows the session too: done twice they change nothing, and show nothing. */
export const housekeepingCalls: ReadonlySet<string> = new Set<CallMethod>(['ack', 'rebirth']);

/** Answer to a call: either a result or an error a person can read. */
export const CallResponse = Type.Union([
  Type.Object({ ok: Type.Literal(true), result: Type.Unknown() }),
  Type.Object({ ok: Type.Literal(false), code: Name, message: Text, remedy: Text }),
]);
export type CallResponse = Static<typeof CallResponse>;
