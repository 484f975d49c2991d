import { afterEach, beforeEach, expect, it } from 'vitest';
import { GoshawkError } from '../../src/base/index.ts';
import type { WebhookMessage, Webhooks } from '../../src/controller/index.ts';
import { suite } from './suite.ts';

/** What a receiver saw of one message. */
export interface ReceivedWebhook {
  readonly id: string;
  readonly event: string;
  readonly body: string;
  readonly signed: boolean;
}

/** Webhooks and somebody who receives them. */
export interface WebhookReceiver {
  readonly webhooks: Webhooks;
  /** Where messages reach the receiver. */
  readonly url: string;
  /** Of every message, in the order in which they came. */
  readonly received: readonly ReceivedWebhook[];
  /** The status of the answers from now on. */
  answer(status: number): void;
  /** From now on nobody is there. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

/** What the dispatcher expects of any webhooks. */
export function describeWebhooks(name: string, make: () => Promise<WebhookReceiver>, missing?: string): void {
  suite(`Webhooks: ${name}`, missing, () => {
    let receiver: WebhookReceiver;

    beforeEach(async () => {
      receiver = await make();
    });
    afterEach(() => receiver.close());

    const message = (over: Partial<WebhookMessage> = {}): WebhookMessage => ({
      url: receiver.url,
      secret: 'a key that nobody may see',
      id: 'a-1',
      event: 'alert.firing',
      body: '{"alert":{"subject":"d1/größer"}}',
      ...over,
    });
    const send = (over?: Partial<WebhookMessage>) => receiver.webhooks.send(message(over), 1_790_000_000_500);

    it('brings a message once, as it is', async () => {
      expect(await send()).toEqual({ status: 204 });
      const { id, event, body } = message();
      expect(receiver.received).toEqual([{ id, event, body, signed: true }]);
    });

    it('signs where there is a secret, and only there', async () => {
      await send({ secret: undefined });
      expect(receiver.received).toMatchObject([{ signed: false }]);
    });

    it.each([200, 302, 400, 404, 429, 500, 503])(
      'resolves with the answer %i and tries no more',
      async (status) => {
        receiver.answer(status);
        expect(await send()).toEqual({ status });
        expect(receiver.received).toHaveLength(1);
      },
    );

    it('gives every one of several at the same time its own answer', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e'];
      const answers = await Promise.all(ids.map((id) => send({ id })));
      expect(answers).toEqual(ids.map(() => ({ status: 204 })));
      expect(receiver.received.map(({ id }) => id).sort()).toEqual(ids);
    });

    it('rejects in words where nobody is there, without the path of the address and without the key', async () => {
      await receiver.leave();
      const refusal = await send({ url: `${receiver.url}/secret-path` }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(GoshawkError);
      const { code, message: words, remedy } = refusal as GoshawkError;
      expect(code).toBe('webhook-unreachable');
      expect(remedy).not.toBe('');
      expect(words).not.toMatch(/secret-path|nobody may see/);
    });

    it.each(['ftp://host/', 'https://user:pw@host/', 'nonsense', 'javascript:alert(1)', ''])(
      'refuses "%s" for good, as no address of a webhook',
      async (url) => {
        await expect(send({ url })).rejects.toMatchObject({
          code: 'webhook-refused',
          message: expect.not.stringContaining('pw'),
        });
        expect(receiver.received).toEqual([]);
      },
    );
  });
}
