import { beforeEach, describe, expect, it } from 'vitest';
import type { AlertDelivery } from '../../../../src/api/index.ts';
import { type Log, type LogFields, MissingError, RefusedError } from '../../../../src/base/index.ts';
import type { AlertMessage } from '../../../../src/controller/alerts/alert-channel.ts';
import { AlertDispatcher } from '../../../../src/controller/alerts/alert-dispatcher.ts';
import { FakeAlertChannel } from '../../../fakes/fake-alert-channel.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

let clock: FakeClock;
let webhooks: FakeAlertChannel;
let dispatcher: AlertDispatcher;
let logged: string;
let deliveries: AlertDelivery[];

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message: string, fields?: LogFields) => {
    logged += `${message} ${JSON.stringify(fields)}`;
  },
  error: () => undefined,
  child: () => log,
};

beforeEach(() => {
  clock = new FakeClock();
  webhooks = new FakeAlertChannel();
  logged = '';
  deliveries = [];
  dispatcher = new AlertDispatcher({ webhook: webhooks }, clock, log, () => 0.5);
});

const message = (id: string, to = 'https://hooks.example/T0/very-secret-path'): AlertMessage => ({
  to,
  secret: 'a key that nobody may see',
  id,
  event: 'alert.firing',
  subject: 'cam-7 is away',
  body: '{}',
});
const send = (one: AlertMessage) => dispatcher.send(one, (delivery) => deliveries.push(delivery));
const sent = () => webhooks.sent.map(({ id }) => id);
const away = () => new MissingError('webhook-unreachable', 'hooks.example does not answer.', 'Look at it.');

describe('The dispatcher of webhooks', () => {
  it('takes a refusal as the last word', async () => {
    webhooks.answers.push(new RefusedError('mail-refused', 'No.', 'Correct it.'));
    send(message('a'));
    await clock.pass(600_000);
    expect(deliveries.at(-1)).toMatchObject({ state: 'failed', attempts: 1 });
  });

  it('delivers, and says so', async () => {
    send(message('a'));
    await clock.pass(0);
    expect(deliveries.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['waiting', 0],
      ['delivered', 1],
    ]);
    expect(dispatcher.waiting).toBe(0);
    expect(dispatcher.counts).toEqual({ delivered: 1, failed: 0, retried: 0, refused: 0 });
  });

  it.each([500, 503, 429, 408])('tries again after %i, with growing delays', async (status) => {
    webhooks.answers.push(status, status, status);
    send(message('a'));
    await clock.pass(0);
    expect(sent()).toHaveLength(1);
    await clock.pass(760);
    expect(sent()).toHaveLength(2);
    await clock.pass(760);
    expect(sent()).toHaveLength(2);
    await clock.pass(10_000);
    expect(sent()).toHaveLength(4);
    expect(deliveries.at(-1)).toMatchObject({ state: 'delivered', attempts: 4 });
  });

  it.each([400, 401, 404, 410, 301])('takes %i for the last word', async (status) => {
    webhooks.answers.push(status);
    send(message('a'));
    await clock.pass(600_000);
    expect(sent()).toHaveLength(1);
    expect(deliveries.at(-1)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining(String(status)),
    });
  });

  it('gives up after six attempts, keeps the secret of address and key out of the log, and goes on', async () => {
    webhooks.answers.push(...Array.from({ length: 6 }, away));
    send(message('a'));
    send(message('b'));
    await clock.pass(600_000);
    expect(sent()).toEqual(['a', 'a', 'a', 'a', 'a', 'a', 'b']);
    expect(deliveries.filter(({ state }) => state === 'failed')).toMatchObject([
      { attempts: 6, error: 'hooks.example does not answer.' },
    ]);
    expect(logged).toContain('https://hooks.example/…');
    expect(logged).not.toMatch(/very-secret-path|nobody may see/);
  });

  it('does not try an address again that is not allowed', async () => {
    webhooks.answers.push(new RefusedError('webhook-refused', 'It is a private address.', ''));
    send(message('a'));
    await clock.pass(600_000);
    expect(sent()).toEqual(['a']);
  });

  it('keeps the order of an address, and lets no address wait for another', async () => {
    webhooks.answers.push(503);
    send(message('a1'));
    send(message('a2'));
    send(message('b1', 'https://other.example/'));
    await clock.pass(10_000);
    expect(sent()).toEqual(['a1', 'b1', 'a1', 'a2']);
  });

  it('is bounded: what is too much is refused and told', async () => {
    webhooks.status = 503;
    for (let i = 0; i < 600; i++) send(message(`m${i}`));
    expect(dispatcher.waiting).toBe(500);
    expect(dispatcher.counts.refused).toBe(100);
    expect(deliveries.at(-1)).toMatchObject({ state: 'failed', attempts: 0 });
  });

  it('sends nothing after its end and leaves no timer', async () => {
    webhooks.answers.push(503);
    send(message('a'));
    await clock.pass(0);
    dispatcher.close();
    expect(clock.pending).toBe(0);
    send(message('b'));
    await clock.pass(600_000);
    expect(sent()).toEqual(['a']);
  });
});
