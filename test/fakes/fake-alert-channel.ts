import { sayAnswer } from '../../src/adapters/webhooks/index.ts';
import { isAlertAddress } from '../../src/api/index.ts';
import { RefusedError } from '../../src/base/index.ts';
import type { AlertChannel, AlertMessage } from '../../src/controller/index.ts';

/** A channel that a test answers, as a webhook does: 200 unless told otherwise. */
export class FakeAlertChannel implements AlertChannel {
  readonly sent: AlertMessage[] = [];
  /** Answers to come: a status, or an error that is thrown. Then `status`. */
  readonly answers: (number | Error)[] = [];
  status = 200;

  async deliver(message: AlertMessage): Promise<string> {
    if (!isAlertAddress(message.to))
      throw new RefusedError('webhook-refused', 'It is no address of a webhook.', 'Correct it.');
    this.sent.push(message);
    const answer = this.answers.shift() ?? this.status;
    if (typeof answer !== 'number') throw answer;
    return sayAnswer('the fake', answer);
  }

  /** Events that arrived, with the subject that they are about. */
  get told(): string[] {
    return this.sent.map(({ event, body }) => `${event} ${JSON.parse(body).alert.subject}`);
  }
}
