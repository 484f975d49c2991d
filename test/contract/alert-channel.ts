import { afterEach, beforeEach, expect, it } from 'vitest';
import { GoshawkError, RefusedError } from '../../src/base/index.ts';
import type { AlertChannel, AlertMessage } from '../../src/controller/index.ts';
import { suite } from './suite.ts';

/** A channel and somebody who receives its messages. */
export interface AlertReceiver {
  readonly channel: AlertChannel;
  /** Where messages reach the receiver. */
  readonly to: string;
  /** A part of `to` that no error may name. */
  readonly secret: string;
  /** Bodies, in the order in which they came. */
  readonly received: readonly string[];
  /** From now on it says no: for good, or for now. Absent where this channel can't hear such a no. */
  refuse(how: 'for good' | 'for now'): Promise<void>;
  /** From now on nobody is there. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

/** What the dispatcher expects of any channel. */
export function describeAlertChannel(name: string, make: () => Promise<AlertReceiver>): void {
  suite(`A channel of alerts: ${name}`, undefined, () => {
    let receiver: AlertReceiver;

    beforeEach(async () => {
      receiver = await make();
    });
    afterEach(() => receiver.close());

    const message = (over: Partial<AlertMessage> = {}): AlertMessage => ({
      to: receiver.to,
      secret: 'a key that nobody may see',
      id: 'a-1',
      event: 'alert.firing',
      subject: 'cam-7 is away',
      body: '{"alert":{"subject":"d1/größer"}}',
      ...over,
    });
    const deliver = (over?: Partial<AlertMessage>) =>
      receiver.channel.deliver(message(over), 1_790_000_000_500);
    const failure = async () => {
      const error = await deliver().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(GoshawkError);
      const { message: words, remedy } = error as GoshawkError;
      expect(remedy).not.toBe('');
      expect(words).not.toContain(receiver.secret);
      expect(words).not.toContain('nobody may see');
      return error;
    };

    it('delivers a message once, as it is, and says what came back', async () => {
      const said = await deliver();
      expect(said).not.toBe('');
      expect(said).not.toContain(receiver.secret);
      expect(receiver.received).toEqual([message().body]);
    });

    it('delivers several at the same time', async () => {
      const bodies = ['"a"', '"b"', '"c"', '"d"', '"e"'];
      await Promise.all(bodies.map((body) => deliver({ body, id: body })));
      expect([...receiver.received].sort()).toEqual(bodies);
    });

    it('rejects where nobody is there, in words without secrets, and may be tried again', async () => {
      await receiver.leave();
      expect(await failure()).not.toBeInstanceOf(RefusedError);
    });

    it('takes a no for good as the last word', async () => {
      await receiver.refuse('for good');
      expect(await failure()).toBeInstanceOf(RefusedError);
    });

    it('may be tried again after a no for now', async () => {
      await receiver.refuse('for now');
      expect(await failure()).not.toBeInstanceOf(RefusedError);
    });
  });
}
