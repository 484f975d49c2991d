import { describe, expect, it } from 'vitest';
import type { DeviceDetail } from '../../../../src/api/index.ts';
import type { DeploymentReport } from '../../../../src/protocol/index.ts';
import { isFinal, orderOutcome } from '../../../../src/runtime/fleet/order-outcome.ts';

const good = `sha256:${'a'.repeat(64)}`;
const bad = `sha256:${'b'.repeat(64)}`;
const model = { name: 'street', version: '2', digest: good, order: 'new' };
const answer = { generations: { d1: 7 }, order: 'new' };

function detail(
  deployment: DeploymentReport | undefined,
  { online = true, generation = 7, desired = model, loaded = deployment?.digest } = {},
): DeviceDetail {
  return {
    summary: { id: 'd1', online },
    desired: { generation: 7, timeMs: 1, slots: { main: { model: desired } } },
    settings: {},
    metrics: [],
    ...(deployment === undefined
      ? {}
      : {
          reported: {
            generation,
            slots: { main: { deployment, loaded: { name: 'street', version: 'x', digest: loaded } } },
          },
        }),
  } as unknown as DeviceDetail;
}

describe('How an order stands on a device', () => {
  it.each([
    ['it runs the model', detail({ state: 'committed', digest: good, order: 'new' }), 'committed', /runs it/],
    [
      'it failed',
      detail({ state: 'failed', digest: good, order: 'new', reason: 'no room' }),
      'failed',
      /no room/,
    ],
    [
      'an older order failed',
      detail({ state: 'failed', digest: bad, order: 'old', reason: 'bad' }),
      'working',
      /not begun/,
    ],
    [
      'an older order succeeded',
      detail({ state: 'committed', digest: good, order: 'old' }),
      'working',
      /not begun/,
    ],
    [
      'it is at work',
      detail({ state: 'downloading', order: 'new', progress: 0.4 }),
      'working',
      /downloading \(40 %\)/,
    ],
    [
      'it is away',
      detail({ state: 'committed', digest: bad, order: 'old' }, { online: false }),
      'unreachable',
      /offline/,
    ],
    [
      'it says that it is done and runs another model',
      detail({ state: 'committed', digest: good, order: 'new' }, { loaded: bad }),
      'failed',
      /runs street x/,
    ],
    [
      'it acts on an order that this controller did not give',
      detail({ state: 'committed', digest: bad, order: 'old' }, { generation: Number.MAX_SAFE_INTEGER }),
      'refused',
      /acts on order 9007199254740991/,
    ],
    ['it never reported', detail(undefined), 'working', /not begun/],
    [
      'somebody ordered something else',
      detail(undefined, { desired: { ...model, order: 'newer' } }),
      'refused',
      /newer/,
    ],
  ] as const)('%s', (_, device, outcome, words) => {
    const found = orderOutcome('d1', answer, device);
    expect(found).toMatchObject({ device: 'd1', outcome });
    expect(found.detail).toMatch(words);
    expect(isFinal(found)).toBe(['committed', 'failed', 'refused', 'overridden'].includes(outcome));
  });

  it('a device whose own settings name another model is not waited for', () => {
    const overridden = { ...answer, overridden: { d1: { name: 'street', version: '1', digest: bad } } };
    const found = orderOutcome('d1', overridden, detail({ state: 'committed', digest: bad, order: 'old' }));
    expect(found).toMatchObject({
      outcome: 'overridden',
      detail: expect.stringMatching(/street 1.*undeploy/),
    });
    expect(isFinal(found)).toBe(true);
  });
});

describe('An order for a slot', () => {
  const slots = (state: string | undefined, order = 'new') =>
    ({
      summary: { id: 'd1', online: true },
      desired: { generation: 7, timeMs: 1, slots: { plate: { model } } },
      reported: {
        generation: 7,
        slots: {
          main: { deployment: { state: 'failed', order: 'of-main' } },
          ...(state === undefined
            ? {}
            : { plate: { deployment: { state, digest: good, order }, loaded: { digest: good } } }),
        },
      },
    }) as unknown as DeviceDetail;

  it.each([
    ['is judged by the slot and not by main', slots('committed'), 'committed', /runs it/],
    ['is under way', slots('probation'), 'working', /probation/],
    ['has not begun', slots('committed', 'old'), 'working', /not begun/],
    ['has not reached the device', slots(undefined), 'working', /not begun/],
  ])('%s', (_, device, outcome, words) => {
    expect(orderOutcome('d1', answer, device, 'plate')).toMatchObject({
      outcome,
      detail: expect.stringMatching(words),
    });
  });
});
