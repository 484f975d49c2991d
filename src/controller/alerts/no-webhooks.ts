import { MissingError } from '../../base/index.ts';
import type { Webhooks } from './webhook-dispatcher.ts';

/** Where the controller was given none. */
export const noWebhooks: Webhooks = {
  send: () =>
    Promise.reject(
      new MissingError(
        'webhooks-off',
        'This controller sends no webhooks.',
        'Start it with an adapter for them.',
      ),
    ),
};
