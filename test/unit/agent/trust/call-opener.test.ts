import { beforeEach, describe, expect, it } from 'vitest';
import { CallOpener } from '../../../../src/agent/trust/call-opener.ts';
import { encodeUtf8, GoshawkError } from '../../../../src/base/index.ts';
import { type Message, topics } from '../../../../src/protocol/index.ts';
import type { SignedCall } from '../../../../src/trust/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

const good: SignedCall = {
  ...{ device: 'cam-1', method: 'describe', id: '7.1.tag', session: 4 },
  ...{ sentMs: 1_000, expiresMs: 11_000, request: '{}' },
};

describe('Calls in envelopes', () => {
  let clock: FakeClock;
  let taken: (string | undefined)[];
  let refused: string[];
  let opener: CallOpener;
  let authority: string;
  beforeEach(() => {
    clock = new FakeClock(1_790_000_000_000);
    taken = [];
    refused = [];
    authority = 'keys 1';
    opener = newOpener();
  });

  function newOpener(session = 4): CallOpener {
    return new CallOpener({
      ...{ device: 'cam-1', session, clock },
      trust: {
        get authority() {
          return authority;
        },
        openCall: async (bytes) => {
          const signed = JSON.parse(Buffer.from(bytes).toString()) as SignedCall;
          return { request: encodeUtf8(signed.request), authority, ...(signed.id === '' ? {} : { signed }) };
        },
      },
      take: (_, id) => void taken.push(id),
      refuse: (_, error) => void refused.push(error instanceof GoshawkError ? error.code : String(error)),
    });
  }
  function message(call: Partial<SignedCall> = {}, change: Partial<Message> = {}): Message {
    const whole = { ...good, ...call };
    return {
      ...{ topic: topics.call('cam-1', 'describe'), payload: encodeUtf8(JSON.stringify(whole)) },
      ...{ qos: 1, retain: false, responseTopic: topics.response('cam-1') },
      ...{ correlationData: encodeUtf8(whole.id), ...change },
    };
  }

  it('that nobody signed are taken where the gate lets them through', async () => {
    opener.open(message({ id: '' }, { correlationData: encodeUtf8('x') }));
    await settled();
    expect([taken, refused]).toEqual([[undefined], []]);
  });

  it.each<[what: string, call: Partial<SignedCall>, change: Partial<Message>, code: string]>([
    ['of another device', { device: 'cam-2' }, {}, 'call-other'],
    ['of another method', { method: 'preview' }, {}, 'call-other'],
    ['of an acknowledgement, as another one', { method: 'ack' }, {}, 'call-other'],
    ['of an earlier life of the device', { session: 3 }, {}, 'call-session'],
    ['of a later one', { session: 5 }, {}, 'call-session'],
    ['of no session', { session: undefined as never }, {}, 'call-session'],
    ['whose answer goes under another id', {}, { correlationData: encodeUtf8('7.2.tag') }, 'call-other'],
    ['that is good for an hour', { expiresMs: 3_601_000 }, {}, 'call-expired'],
    ['with an id that names no run', { id: 'x.1.tag' }, {}, 'call-expired'],
  ])('are refused: one %s', async (_, call, change, code) => {
    opener.open(message(call, change));
    await settled();
    expect([taken, refused]).toEqual([[], [code]]);
    opener.open(message());
    await settled();
    expect(taken).toEqual([good.id]);
  });

  it('are followed once', async () => {
    for (let time = 0; time < 3; time++) opener.open(message());
    await settled();
    expect([taken, refused]).toEqual([[good.id], ['call-again', 'call-again']]);
    clock.advance(20_000);
    opener.open(message());
    await settled();
    expect(refused.at(-1)).toBe('call-expired');
    expect(taken).toEqual([good.id]);
  });

  it('that are held back are refused once their time is over by the calls before them, whatever the clock of the wall says', async () => {
    opener.open(message());
    await settled();
    clock.advance(10_100);
    opener.open(message({ id: '7.2.tag' }));
    opener.open(message({ id: '7.3.tag', sentMs: 11_050, expiresMs: 12_000 }));
    await settled();
    expect([taken, refused]).toEqual([[good.id, '7.3.tag'], ['call-expired']]);
    clock.advance(890);
    opener.open(message({ id: '7.4.tag', sentMs: 11_050, expiresMs: 12_000 }));
    await settled();
    clock.advance(20);
    opener.open(message({ id: '7.5.tag', sentMs: 11_050, expiresMs: 12_000 }));
    await settled();
    expect(taken).toEqual([good.id, '7.3.tag', '7.4.tag']);
  });

  it('of an earlier run of the controller are over with the first of the next', async () => {
    opener.open(message());
    opener.open(message({ id: '8.1.tag', sentMs: 5, expiresMs: 10_005 }));
    opener.open(message({ id: '7.2.tag' }));
    await settled();
    expect([taken, refused]).toEqual([[good.id, '8.1.tag'], ['call-expired']]);
  });

  it('of a program of the site, about updates, are taken without a signature; the settings say whether there is one', async () => {
    const updates = {
      topic: topics.call('cam-1', 'updates'),
      payload: encodeUtf8('{"hold":true,"seconds":60}'),
    };
    opener.open(message({}, updates));
    opener.open(message({}, { ...updates, topic: topics.call('cam-1', 'robot') }));
    await settled();
    expect([taken, refused.length]).toEqual([[undefined], 1]);
  });

  it('of a thief with a stolen key do not hold up those of the next key, however far ahead their run is', async () => {
    const far = { id: `${Number.MAX_SAFE_INTEGER}.1.tag`, sentMs: 9e15, expiresMs: 9e15 + 10_000 };
    opener.open(message(far));
    opener.open(message());
    await settled();
    expect([taken, refused]).toEqual([[far.id], ['call-expired']]);
    authority = 'keys 2';
    opener.open(message());
    await settled();
    expect(taken.at(-1)).toBe(good.id);
  });

  it('whose key was taken out while they were verified are refused', async () => {
    opener.open(message());
    authority = 'keys 2';
    await settled();
    expect([taken, refused]).toEqual([[], ['trust-order']]);
  });

  it('that acknowledge or ask for a birth need no session and no time', async () => {
    for (const method of ['ack', 'rebirth'])
      opener.open(
        message(
          { method, session: undefined as never, id: '1.1.t', expiresMs: 0 },
          { topic: topics.call('cam-1', method) },
        ),
      );
    await settled();
    expect(taken).toEqual(['1.1.t', '1.1.t']);
  });

  it('that come as a flood are refused before they are verified, and the next one is taken', async () => {
    let verified = 0;
    const waiting: (() => void)[] = [];
    const slow = new CallOpener({
      ...{
        device: 'cam-1',
        session: 4,
        clock,
        take: () => {},
        refuse: (_, error) => refused.push(String(error)),
      },
      trust: {
        authority: undefined,
        openCall: () =>
          new Promise((resolve) => {
            verified += 1;
            waiting.push(() => resolve({ request: encodeUtf8('{}') }));
          }),
      },
    });
    for (let number = 0; number < 1_000; number++) slow.open(message());
    expect([verified, refused.length]).toEqual([256, 744]);
    for (const done of waiting) done();
    await settled();
    slow.open(message());
    expect(verified).toBe(257);
  });
});
