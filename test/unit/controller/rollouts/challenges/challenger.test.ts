import { describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../../src/adapters/crypto/node-secrets.ts';
import { CancelledError, GoshawkError, MissingError, silentLog } from '../../../../../src/base/index.ts';
import { Challenger } from '../../../../../src/controller/rollouts/challenges/challenger.ts';
import { drawChallenges } from '../../../../../src/controller/rollouts/challenges/draw.ts';
import type { CallRequestOf } from '../../../../../src/protocol/index.ts';
import { FakeReferences, toyAnswer } from '../../../../fakes/fake-references.ts';

const [before, now] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];
const model = { name: 'street', version: '2.0.0', digest: now };
const frames = ['golden/000.jpg', 'golden/001.jpg', 'golden/002.jpg'];

/** Devices by what they do with a challenge: pixels that their boxes are off, or why none comes. */
type Behaviour = number | 'silent' | 'offline' | 'silent-once' | 'unreachable' | 'leaves' | 'never';

function world(
  behaviours: Record<string, Behaviour>,
  {
    models = new Map([
      [now, 0],
      [before, 60],
    ]),
  } = {},
) {
  const references = new FakeReferences();
  for (const [digest, off] of models) references.models.set(digest, off);
  const told: string[] = [];
  const calls: string[] = [];
  const challenger = new Challenger({
    rpc: {
      call: async (device: string, _: string, request: unknown) => {
        calls.push(device);
        const behaviour = behaviours[device]!;
        const first = calls.filter((one) => one === device).length === 1;
        if (behaviour === 'silent' || (behaviour === 'silent-once' && first))
          throw new MissingError('device-silent', `${device} did not answer.`, '');
        if (behaviour === 'unreachable') throw new GoshawkError('broker-away', 'No connection.', '');
        if (behaviour === 'leaves') {
          behaviours[device] = 'offline';
          throw new MissingError('device-silent', `${device} did not answer.`, '');
        }
        if (behaviour === 'never') return new Promise<never>(() => {});
        const { pictures } = request as CallRequestOf<'challenge'>;
        const off = typeof behaviour === 'number' ? behaviour : 0;
        return { answers: pictures.map((one) => toyAnswer(one, off)) } as never;
      },
    },
    registry: { get: (id) => ({ online: behaviours[id] !== 'offline' }) as never },
    models: { goldenFramesOf: () => frames },
    secrets: nodeSecrets,
    events: { tell: (device, { kind, message }) => void told.push(`${device} ${kind}: ${message}`) },
    log: silentLog,
    references,
  });
  const devices = Object.keys(behaviours).map((device) => ({ device, before }));
  const closing = new AbortController();
  const ask = (of = devices) => challenger.ask(model, of, closing.signal);
  return { ask, closing, told, calls, references };
}

describe('Challenges to devices of a wave', () => {
  it('are answered right by devices with the version, and wrong by those that kept the old one, which is reported', async () => {
    const { ask, told } = world({ honest: 0, liar: 60 });
    expect(Object.fromEntries(await ask())).toEqual({
      honest: { right: 16, wrong: 0 },
      liar: { right: 0, wrong: 16 },
    });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^liar model.challenge-failed: liar reports that it runs street 2.0.0, but of 16 pictures .* 16 came back as another model/,
    );
  });

  it('are wrong where a device that is online gives no answer twice; one that is offline says nothing', async () => {
    const { ask, told, calls } = world({ silent: 'silent', once: 'silent-once', away: 'offline' });
    expect(Object.fromEntries(await ask())).toEqual({
      silent: { right: 0, wrong: 16 },
      once: { right: 16, wrong: 0 },
    });
    expect(calls.sort()).toEqual(['once', 'once', 'silent', 'silent']);
    expect(told.join()).toContain('silent reports that it runs street 2.0.0, but it answered none');
  });

  it('say nothing of a device that the controller could not ask, or that went offline meanwhile', async () => {
    const { ask, told } = world({ honest: 0, unreachable: 'unreachable', leaves: 'leaves' });
    expect(Object.fromEntries(await ask())).toEqual({ honest: { right: 16, wrong: 0 } });
    expect(told).toEqual([]);
  });

  it('end with the controller, and accuse no device', async () => {
    const { ask, closing, told, calls } = world({ liar: 60, never: 'never' });
    const asked = ask();
    await expect.poll(() => calls).toContain('never');
    closing.abort();
    await expect(asked).rejects.toThrow(CancelledError);
    await expect(ask()).rejects.toThrow(CancelledError);
    expect(told.filter((one) => one.startsWith('never'))).toEqual([]);
  });

  it('do not help who says that it ran the new version before', async () => {
    const { ask } = world({ liar: 60 });
    expect((await ask([{ device: 'liar', before: now }])).get('liar')).toEqual({ right: 0, wrong: 16 });
  });

  it('need no version before: what is far from the new one is wrong', async () => {
    const { ask } = world({ honest: 0, liar: 60 }, { models: new Map([[now, 0]]) });
    expect(Object.fromEntries(await ask())).toEqual({
      honest: { right: 16, wrong: 0 },
      liar: { right: 0, wrong: 16 },
    });
  });

  it('are not asked where the controller cannot run the new version', async () => {
    const { ask, calls } = world({ honest: 0 }, { models: new Map() });
    expect((await ask()).size).toBe(0);
    expect(calls).toEqual([]);
  });

  it('are other ones each time, the same for all devices', async () => {
    const { ask, references } = world({ a: 0, b: 0 });
    await ask();
    await ask();
    const drawn = references.asked.map(({ challenges }) => JSON.stringify(challenges));
    expect(new Set(drawn).size).toBe(2);
  });
});

describe('A draw', () => {
  it('takes every frame and every change in its bounds', () => {
    const drawn = Array.from({ length: 40 }, () => drawChallenges(frames, nodeSecrets.randomBytes)).flat();
    expect(new Set(drawn.map(({ frame }) => frame))).toEqual(new Set(frames));
    expect(new Set(drawn.map(({ mirrored }) => mirrored)).size).toBe(2);
    for (const { gain } of drawn) {
      expect(gain).toBeGreaterThanOrEqual(192);
      expect(gain).toBeLessThanOrEqual(320);
    }
  });

  it('of no frames is empty', () => {
    expect(drawChallenges([], nodeSecrets.randomBytes)).toEqual([]);
  });
});
