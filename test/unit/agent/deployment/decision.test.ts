import { describe, expect, it } from 'vitest';
import type { AgentState, SlotRecord } from '../../../../src/agent/agent-state.ts';
import { decideModel } from '../../../../src/agent/deployment/decision.ts';
import type { DeploymentState, DesiredModel } from '../../../../src/protocol/index.ts';

const now = 1_790_000_000_000;
const model = (letter: string): DesiredModel => ({
  name: 'street',
  version: '1',
  digest: `sha256:${letter.repeat(64)}`,
});
type Memory = SlotRecord & Partial<Pick<AgentState, 'quarantined'>>;
const memory = (state: DeploymentState, more: Partial<Memory> = {}): Memory => ({
  committed: model('a'),
  deployment: { state, restarts: 0, ...(state === 'idle' ? {} : { model: model('b') }) },
  ...more,
});
const decide = (
  wanted: { model: DesiredModel; expiresAtMs?: number },
  { quarantined = [], ...record }: Memory,
) => decideModel({ generation: 5, ...wanted }, record, quarantined, now);

describe('The decision on the model that a slot is to run', () => {
  it('does not begin with an order that has expired, and answers it', () => {
    expect(decide({ model: model('c'), expiresAtMs: now }, memory('idle'))).toMatchObject({
      kind: 'expired',
      reason: expect.stringMatching(/expired.*clock/),
    });
    expect(decide({ model: model('c'), expiresAtMs: now + 1 }, memory('idle'))).toMatchObject({
      kind: 'follow',
    });
  });

  it('deploys nothing when the model that is wanted serves, and answers for its order', () => {
    const wanted = { ...model('a'), order: 'second' };
    for (const state of ['idle', 'committed', 'failed'] as const)
      expect(decide({ model: wanted }, memory(state))).toEqual({
        kind: 'follow',
        confirm: wanted,
        supersede: false,
      });
  });

  it('reports no second decision when only settings change', () => {
    const serving = { ...model('a'), order: 'first' };
    const state = memory('committed', {
      committed: serving,
      deployment: { state: 'committed', restarts: 0, model: serving },
    });
    expect(decide({ model: serving }, state)).toEqual({
      kind: 'follow',
      supersede: false,
    });
  });

  it('answers an order for a model that has expired', () => {
    const wanted = { ...model('c'), order: 'late' };
    expect(decide({ model: wanted, expiresAtMs: now }, memory('idle'))).toMatchObject({
      kind: 'expired',
      model: wanted,
    });
  });

  it('deploys another model', () => {
    expect(decide({ model: model('c') }, memory('committed'))).toEqual({
      kind: 'follow',
      deploy: model('c'),
      supersede: false,
    });
  });

  it('goes on with a deployment that brings the model that is wanted', () => {
    expect(decide({ model: model('b') }, memory('preparing'))).toEqual({
      kind: 'follow',
      supersede: false,
    });
  });

  it('stops a deployment for another model', () => {
    expect(decide({ model: model('c') }, memory('preparing'))).toEqual({
      kind: 'follow',
      deploy: model('c'),
      supersede: true,
    });
  });

  it('stops a deployment when the model that serves is wanted again', () => {
    expect(decide({ model: model('a') }, memory('probation'))).toEqual({
      kind: 'follow',
      confirm: model('a'),
      supersede: true,
    });
  });

  describe('on a model that failed here', () => {
    const b = model('b');
    const failed = (order?: string) =>
      memory('failed', {
        begun: { digest: b.digest, ...(order === undefined ? {} : { order }) },
        quarantined: [
          {
            digest: b.digest,
            generation: 4,
            reason: 'It failed.',
            ...(order === undefined ? {} : { order }),
          },
        ],
      });

    it('refuses it in every later generation of the same order, and says how to lift that', () => {
      const refusal = {
        kind: 'quarantined',
        reason: expect.stringMatching(/It failed.*order the model again/),
      };
      expect(decide({ model: b }, failed())).toMatchObject(refusal);
      expect(decide({ model: { ...b, order: 'one' } }, failed('one'))).toMatchObject(refusal);
      // A restored database: other models were wanted since, and the old order comes back.
      const since = { ...failed('one'), begun: { digest: model('c').digest, order: 'two' } };
      expect(decide({ model: { ...b, order: 'one' } }, since)).toMatchObject(refusal);
    });

    it('tries it again for an order of its own', () => {
      const follows = { kind: 'follow', deploy: b };
      expect(decide({ model: { ...b, order: 'two' } }, failed('one'))).toMatchObject(follows);
      expect(decide({ model: { ...b, order: 'two' } }, failed())).toMatchObject(follows);
      // A fleet without ids of orders: another model was wanted in between.
      const since = { ...failed(), begun: { digest: model('c').digest } };
      expect(decide({ model: b }, since)).toMatchObject(follows);
    });
  });
});
