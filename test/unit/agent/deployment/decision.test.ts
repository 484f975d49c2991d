import { describe, expect, it } from 'vitest';
import { type AgentState, freshAgentState } from '../../../../src/agent/agent-state.ts';
import { decideDesired } from '../../../../src/agent/deployment/decision.ts';
import type { DeploymentState, Desired, DesiredModel } from '../../../../src/protocol/index.ts';

const now = 1_790_000_000_000;
const model = (letter: string): DesiredModel => ({
  name: 'street',
  version: '1',
  digest: `sha256:${letter.repeat(64)}`,
});
const order = (more: Partial<Desired> = {}): Desired => ({ generation: 5, timeMs: now, ...more });
const memory = (state: DeploymentState, more: Partial<AgentState> = {}): AgentState => ({
  ...freshAgentState(now),
  generation: 4,
  committed: model('a'),
  deployment: { state, restarts: 0, ...(state === 'idle' ? {} : { model: model('b') }) },
  ...more,
});

describe('The decision on a desired state', () => {
  it.each([4, 3, 0])('ignores generation %d when 4 is acted on', (generation) => {
    expect(decideDesired(order({ generation, model: model('c') }), memory('idle'), now)).toMatchObject({
      kind: 'ignore',
    });
  });

  it('does not begin with an order that has expired, and answers it', () => {
    expect(decideDesired(order({ expiresAtMs: now }), memory('idle'), now)).toMatchObject({
      kind: 'expired',
      reason: expect.stringMatching(/expired.*clock/),
    });
    expect(decideDesired(order({ expiresAtMs: now + 1 }), memory('idle'), now)).toMatchObject({
      kind: 'follow',
    });
  });

  it('keeps what runs when no model is named', () => {
    expect(decideDesired(order(), memory('probation'), now)).toEqual({ kind: 'follow', supersede: false });
  });

  it('deploys nothing when the model that is wanted serves, and answers for its order', () => {
    const wanted = { ...model('a'), order: 'second' };
    for (const state of ['idle', 'committed', 'failed'] as const)
      expect(decideDesired(order({ model: wanted }), memory(state), now)).toEqual({
        kind: 'follow',
        confirm: wanted,
        supersede: false,
      });
  });

  it('says nothing anew when only settings change', () => {
    const serving = { ...model('a'), order: 'first' };
    const state = memory('committed', {
      committed: serving,
      deployment: { state: 'committed', restarts: 0, model: serving },
    });
    expect(decideDesired(order({ model: serving }), state, now)).toEqual({
      kind: 'follow',
      supersede: false,
    });
  });

  it('answers an order for a model that has expired', () => {
    const wanted = { ...model('c'), order: 'late' };
    expect(decideDesired(order({ model: wanted, expiresAtMs: now }), memory('idle'), now)).toMatchObject({
      kind: 'expired',
      model: wanted,
    });
  });

  it('deploys another model', () => {
    expect(decideDesired(order({ model: model('c') }), memory('committed'), now)).toEqual({
      kind: 'follow',
      deploy: model('c'),
      supersede: false,
    });
  });

  it('goes on with a deployment that brings the model that is wanted', () => {
    expect(decideDesired(order({ model: model('b') }), memory('preparing'), now)).toEqual({
      kind: 'follow',
      supersede: false,
    });
  });

  it('stops a deployment for another model', () => {
    expect(decideDesired(order({ model: model('c') }), memory('preparing'), now)).toEqual({
      kind: 'follow',
      deploy: model('c'),
      supersede: true,
    });
  });

  it('stops a deployment when the model that serves is wanted again', () => {
    expect(decideDesired(order({ model: model('a') }), memory('probation'), now)).toEqual({
      kind: 'follow',
      confirm: model('a'),
      supersede: true,
    });
  });

  describe('on a model that failed here', () => {
    const b = model('b');
    const failed = (order?: string) =>
      memory('failed', {
        wanted: { digest: b.digest, ...(order === undefined ? {} : { order }) },
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
        reason: expect.stringMatching(/It failed.*order the model anew/),
      };
      expect(decideDesired(order({ model: b }), failed(), now)).toMatchObject(refusal);
      expect(decideDesired(order({ model: { ...b, order: 'one' } }), failed('one'), now)).toMatchObject(
        refusal,
      );
      // A restored database: other models were wanted since, and the old order comes back.
      const since = { ...failed('one'), wanted: { digest: model('c').digest, order: 'two' } };
      expect(decideDesired(order({ model: { ...b, order: 'one' } }), since, now)).toMatchObject(refusal);
    });

    it('tries it again for an order of its own', () => {
      const follows = { kind: 'follow', deploy: b };
      expect(decideDesired(order({ model: { ...b, order: 'two' } }), failed('one'), now)).toMatchObject(
        follows,
      );
      expect(decideDesired(order({ model: { ...b, order: 'two' } }), failed(), now)).toMatchObject(follows);
      // A fleet without ids of orders: another model was wanted in between.
      const since = { ...failed(), wanted: { digest: model('c').digest } };
      expect(decideDesired(order({ model: b }), since, now)).toMatchObject(follows);
    });
  });
});
