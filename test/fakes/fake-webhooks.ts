import { RefusedError } from '../../src/base/index.ts';
import type { WebhookMessage, Webhooks } from '../../src/controller/index.ts';

/** Webhooks that a test answers: 200 unless told otherwise. */
export class FakeWebhooks implements Webhooks {
  readonly sent: WebhookMessage[] = [];
  /** Answers to come: a status, or an error that is thrown. Then `status`. */
  readonly answers: (number | Error)[] = [];
  status = 200;

  async send(message: WebhookMessage): Promise<{ readonly status: number }> {
    const url = URL.canParse(message.url) ? new URL(message.url) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '')
      throw new RefusedError('webhook-refused', 'It is no address of http or https.', 'Correct it.');
    this.sent.push(message);
    const answer = this.answers.shift() ?? this.status;
    if (typeof answer !== 'number') throw answer;
    return { status: answer };
  }

  /** Events that arrived, with the subject that they are about. */
  get told(): string[] {
    return this.sent.map(({ event, body }) => `${event} ${JSON.parse(body).alert.subject}`);
  }
}
