import { randomUUID } from 'node:crypto';
import { defined } from '../../base/index.ts';
import { WebhookOutlet } from '../../streams/index.ts';
import { pem } from '../settings/connect.ts';
import { readSecret } from '../settings/read.ts';
import { goshawkVersion } from '../version.ts';
import { isLocal, type StreamKind } from './kind.ts';

/** Who writes the device's settings says where its results go: no address is refused. */
const anywhere = ['0.0.0.0/0', '::/0'];

export const webhookStream: StreamKind<'webhook'> = {
  address: 'https://host/path',
  read: (address) => {
    if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return undefined;
    const [url = ''] = address.split('#');
    return { url };
  },
  // A path may hold a secret.
  to: ({ url }) => new URL(url).origin,
  open: async ({ url, secretFile, caFile, batch, queue, everySeconds }, ports) => {
    const { stream, device, counts, clock, log, budget } = ports;
    const { AddressPolicy, HttpAlertChannel } = await import('../../adapters/webhooks/index.ts');
    const secret = secretFile === undefined ? undefined : await readSecret(secretFile);
    const ca = caFile === undefined ? undefined : Buffer.from(await pem(caFile)).toString('utf8');
    const channel = new HttpAlertChannel({
      policy: new AddressPolicy(anywhere),
      version: goshawkVersion(),
      ...defined({ ca }),
    });
    return new WebhookOutlet({
      ...{ stream, device, batch, queue, everySeconds, counts, clock, log },
      ...{ newId: randomUUID, random: Math.random },
      post: async (body, id) => {
        if (!isLocal(url)) budget?.spend('result', Buffer.byteLength(body) + url.length);
        const message = { to: url, event: 'results', id, subject: '', body, secret };
        await channel.deliver(message, clock.wallMs());
      },
    });
  },
};
