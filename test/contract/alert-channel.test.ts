import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodemailerAlertChannel } from '../../src/adapters/nodemailer/index.ts';
import { AddressPolicy, HttpAlertChannel } from '../../src/adapters/webhooks/index.ts';
import { MissingError } from '../../src/base/index.ts';
import { MqttAlertChannel } from '../../src/controller/index.ts';
import { FakeAlertChannel } from '../fakes/fake-alert-channel.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeSmtpServer } from '../fakes/fake-smtp-server.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { describeAlertChannel } from './alert-channel.ts';

const statuses = { 'for good': 404, 'for now': 503 } as const;

describeAlertChannel('the fake', async () => {
  const channel = new FakeAlertChannel();
  return {
    channel,
    to: 'https://hooks.example/T0/secret-path',
    secret: 'secret-path',
    get received() {
      return channel.sent.map(({ body }) => body);
    },
    refuse: async (how) => {
      channel.status = statuses[how];
    },
    leave: async () => {
      channel.answers.push(new MissingError('webhook-unreachable', 'No answer.', 'Look at it.'));
    },
    close: async () => {},
  };
});

describeAlertChannel('HTTP', async () => {
  const received: string[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(Buffer.concat(chunks).toString());
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const leave = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    channel: new HttpAlertChannel({ policy: new AddressPolicy(['127.0.0.1']), version: '1.2.3' }),
    to: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`,
    secret: 'secret-path',
    received,
    refuse: async (how) => {
      status = statuses[how];
    },
    leave,
    close: leave,
  };
});

describeAlertChannel('e-mail', async () => {
  const server = await FakeSmtpServer.listen();
  return {
    channel: new NodemailerAlertChannel({
      ...{ host: '127.0.0.1', port: server.port, security: 'none' },
      ...{ from: 'goshawk@site.example', domains: ['site.example'] },
    }),
    to: 'mailto:ann@site.example',
    secret: 'ann',
    get received() {
      return server.messages.map(({ text }) => bodyOf(text));
    },
    refuse: async (how) => {
      server.answer = how === 'for good' ? '550 ann@site.example is nobody' : '451 ann: come again';
    },
    leave: () => server.close(),
    close: () => server.close(),
  };
});

/** The text below the headers, out of its transfer encoding. */
function bodyOf(mail: string): string {
  const [head = '', ...rest] = mail.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n').replace(/\r\n$/, '');
  if (/quoted-printable/i.test(head)) {
    const bytes = body
      .replaceAll('=\r\n', '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString();
  }
  return /base64/i.test(head) ? Buffer.from(body, 'base64').toString() : body;
}

describeAlertChannel('MQTT', async () => {
  const clock = new FakeClock();
  const broker = new FakeBroker(clock);
  const transport = new FakeTransport(broker, 'goshawk-alerts');
  transport.start();
  await clock.pass(10_000);
  return {
    channel: new MqttAlertChannel(transport),
    to: 'mqtt:site/alerts',
    // A topic is no secret; the key is looked for anyway.
    secret: 'nobody may see',
    get received() {
      return broker.log.map(({ payload }) => new TextDecoder().decode(payload));
    },
    refuse: async (how) => {
      if (how === 'for good') broker.mayPublish = () => false;
      else broker.stop();
    },
    leave: async () => broker.stop(),
    close: () => transport.close(),
  };
});
