import { readFileSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { AgentState, readAgentState } from '../../../src/agent/agent-state.ts';
import { decodePayload, encodePayload, type PayloadOf } from '../../../src/protocol/index.ts';

/* Payloads and a memory as they were before a device could have several models, and what was read of them then. */
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/protocol/one-model.json', import.meta.url), 'utf8'),
) as {
  readonly desired: PayloadOf<'desired'>;
  readonly reported: PayloadOf<'reported'>;
  readonly state: PayloadOf<'state'>;
  readonly memory: AgentState;
};

const { digest } = recorded.desired.model!;
const Digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
const Model = Type.Object({ name: Type.String(), version: Type.String(), digest: Digest });
const State = Type.Union(['idle', 'downloading', 'committed', 'failed'].map((name) => Type.Literal(name)));

/** The fields that a reader from then looked at; like every reader of ours it ignores what it does not know. */
const then = {
  desired: Type.Object({ generation: Type.Integer(), model: Type.Optional(Model) }),
  reported: Type.Object({
    generation: Type.Integer(),
    deployment: Type.Object({
      state: State,
      digest: Type.Optional(Digest),
      order: Type.Optional(Type.String()),
    }),
    models: Type.Array(
      Type.Object({ ...Model.properties, engine: Type.String(), cameras: Type.Array(Type.String()) }),
    ),
  }),
  memory: Type.Object({
    version: Type.Literal(1),
    session: Type.Integer(),
    generation: Type.Integer(),
    committed: Type.Optional(Model),
    deployment: Type.Object({ state: State, restarts: Type.Integer() }),
    quarantined: Type.Array(Type.Unknown()),
    catalogue: Type.Array(Type.Unknown()),
  }),
};

const model = { name: 'street', version: '2', digest, policy: { follows: 'latest' as const } };
const slots = { plate: { model, role: 'shadow' as const, cameras: ['front'], sample: 5 } };

describe('Devices and controllers from before there were slots', () => {
  it.each(['desired', 'reported', 'state'] as const)('say %s, and are understood as they were', (kind) => {
    const bytes = new TextEncoder().encode(JSON.stringify(recorded[kind]));
    expect(decodePayload(kind, bytes, kind)).toEqual(recorded[kind]);
  });

  it('read of a newer desired state the model of main and nothing else', () => {
    const bytes = encodePayload('desired', { ...recorded.desired, slots });
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    expect(Value.Check(then.desired, read)).toBe(true);
    expect(read).toMatchObject(recorded.desired);
  });

  it('read of a newer report the deployment of main, and its model first', () => {
    const deployment = { state: 'committed' as const, digest };
    const bytes = encodePayload('reported', {
      ...recorded.reported,
      models: [
        { ...recorded.reported.models[0]!, slot: 'main' },
        { ...recorded.reported.models[0]!, slot: 'plate' },
      ],
      slots: {
        main: { deployment: recorded.reported.deployment, role: 'serve', cameras: ['front'], loaded: digest },
        plate: { deployment, role: 'shadow', cameras: ['front'], sample: 5, policy: model.policy },
      },
    });
    const read = JSON.parse(new TextDecoder().decode(bytes)) as PayloadOf<'reported'>;
    expect(Value.Check(then.reported, read)).toBe(true);
    expect(read.deployment).toEqual(recorded.reported.deployment);
    expect(read.models[0]).toMatchObject(recorded.reported.models[0]!);
  });

  it('leave a memory that a newer agent opens, with everything in it', () => {
    expect(readAgentState(structuredClone(recorded.memory))).toEqual(recorded.memory);
  });

  it('open the memory of a newer agent, and keep what they do not know', () => {
    const newer: AgentState = {
      ...recorded.memory,
      previous: `sha256:${'ef'.repeat(32)}`,
      slots: {
        plate: { desired: slots.plate, deployment: { state: 'committed', restarts: 0 }, committed: model },
      },
    };
    expect(Value.Check(AgentState, newer)).toBe(true);
    expect(Value.Check(then.memory, newer)).toBe(true);
    expect(newer).toMatchObject(recorded.memory);
  });
});

describe('Slots on the wire are bounded', () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`slot-${i}`, slots.plate]));
  const decode = (change: object) => {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...recorded.desired, ...change }));
    return () => decodePayload('desired', bytes, 'desired');
  };

  it('to sixteen', () => {
    expect(decode({ slots: many(16) })).not.toThrow();
    expect(decode({ slots: many(17) })).toThrow(expect.objectContaining({ code: 'payload-invalid' }));
  });

  it.each(['Plate', '9lives', 'a'.repeat(33), 'plate/1', ''])('and to names of the pattern: %j', (name) => {
    expect(decode({ slots: { [name]: slots.plate } })).toThrow(
      expect.objectContaining({ code: 'payload-invalid' }),
    );
  });

  it.each<[string, object]>([
    ['a role that is none', { role: 'master' }],
    ['no frame at all', { sample: 0 }],
    ['too many cameras', { cameras: Array.from({ length: 65 }, (_, i) => `c${i}`) }],
    ['a range without end', { model: { ...model, policy: { follows: 'range', range: '1'.repeat(129) } } }],
  ])('and refuse %s', (_, change) => {
    expect(decode({ slots: { plate: { ...slots.plate, ...change } } })).toThrow(
      expect.objectContaining({ code: 'payload-invalid' }),
    );
  });

  const node = { name: 'detect', slot: 'main', input: 'frame' };
  it.each<[string, object]>([
    ['a node without a name', { slot: 'main', input: 'frame' }],
    ['a crop of more than 256', { ...node, input: { node: 'detect', maxCrops: 257 } }],
    ['an input that is none', { ...node, input: 'picture' }],
  ])('as graphs are: %s', (_, wrong) => {
    expect(decode({ pipelines: { front: { nodes: [node] } } })).not.toThrow();
    expect(decode({ pipelines: { front: { nodes: [wrong] } } })).toThrow(
      expect.objectContaining({ code: 'payload-invalid' }),
    );
  });

  it('as graphs are: at most 32 nodes of a camera', () => {
    const nodes = Array.from({ length: 33 }, (_, i) => ({ ...node, name: `n${i}` }));
    expect(decode({ pipelines: { front: { nodes: nodes.slice(1) } } })).not.toThrow();
    expect(decode({ pipelines: { front: { nodes } } })).toThrow(
      expect.objectContaining({ code: 'payload-invalid' }),
    );
  });
});
