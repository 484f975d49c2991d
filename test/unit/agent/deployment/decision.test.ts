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

  it('tries a model that failed again only for a new generation', () => {
    const failed = memory('failed', {
      quarantined: [{ digest: model('b').digest, generation: 4, reason: 'It failed.' }],
    });
    expect(decideDesired(order({ generation: 4, model: model('b') }), failed, now)).toMatchObject({
      kind: 'ignore',
    });
    expect(decideDesired(order({ model: model('b') }), failed, now)).toMatchObject({ deploy: model('b') });
  });
});
