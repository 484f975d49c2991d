import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AddressPolicy, HttpWebhooks } from '../../src/adapters/webhooks/index.ts';
import { MissingError } from '../../src/base/index.ts';
import { FakeWebhooks } from '../fakes/fake-webhooks.ts';
import { describeWebhooks, type ReceivedWebhook } from './webhooks.ts';

describeWebhooks('the fake', async () => {
  const webhooks = new FakeWebhooks();
  webhooks.status = 204;
  return {
    webhooks,
    url: 'https://hooks.example/T0',
    get received() {
      return webhooks.sent.map(({ id, event, body, secret }) => ({
        ...{ id, event, body, signed: secret !== undefined },
      }));
    },
    answer: (status) => {
      webhooks.status = status;
    },
    leave: async () => {
      webhooks.answers.push(new MissingError('webhook-unreachable', 'No answer.', 'Look at it.'));
    },
    close: async () => {},
  };
});

describeWebhooks('HTTP', async () => {
  const received: ReceivedWebhook[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name]);
      received.push({
        id: header('x-goshawk-delivery'),
        event: header('x-goshawk-event'),
        body: Buffer.concat(chunks).toString(),
        signed: request.headers['x-goshawk-signature'] !== undefined,
      });
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const leave = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    webhooks: new HttpWebhooks({ policy: new AddressPolicy(['127.0.0.1']), version: '1.2.3' }),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (next) => {
      status = next;
    },
    leave,
    close: leave,
  };
});
