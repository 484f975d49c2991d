import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  NodemailerAlertChannel,
  type NodemailerAlertChannelOptions,
} from '../../../../src/adapters/nodemailer/index.ts';
import { FakeSmtpServer } from '../../../fakes/fake-smtp-server.ts';

let server: FakeSmtpServer;
beforeEach(async () => {
  server = await FakeSmtpServer.listen();
});
afterEach(() => server.close());

const message = {
  to: 'mailto:ann@site.example,bob@site.example',
  secret: undefined,
  event: 'test',
  id: 'a1-1',
  subject: 'cam-7 is away\r\nBcc: eve@other.example',
  body: 'cam-7: größer\n.\nsince 10:00\n',
};
const password = 'a password that nobody may see';
const sender = (over: Partial<NodemailerAlertChannelOptions> = {}) =>
  new NodemailerAlertChannel({
    ...{ host: '127.0.0.1', port: server.port, security: 'none', from: 'goshawk@site.example' },
    domains: ['Site.example'],
    ...over,
  });

describe('An e-mail', () => {
  it('reaches all receivers of the rule, and hides them from each other', async () => {
    await sender().deliver(message);
    const [one] = server.messages;
    expect(one).toMatchObject({
      from: 'goshawk@site.example',
      to: ['ann@site.example', 'bob@site.example'],
    });
    expect(one?.text).not.toMatch(/ann@|bob@/);
    expect(one?.text).toMatch(/^X-Goshawk-Delivery: a1-1\r$/m);
  });

  it('has the subject in one line: what a device wrote makes no header', async () => {
    await sender().deliver(message);
    const [one] = server.messages;
    expect(one?.text).not.toMatch(/^Bcc:/m);
    expect(one?.text.replaceAll('\r\n ', ' ')).toContain('Subject: cam-7 is away Bcc: eve@other.example');
    expect(one?.to).toHaveLength(2);
  });

  it.each([
    [['ann@site.example', 'eve@other.example']],
    [['ann@evil.site.example']],
    [[]],
    [['ann@site.example\r\nRCPT TO:<eve@other.example>']],
  ])('to %j goes nowhere: the domain was not named', async (recipients) => {
    await expect(
      sender().deliver({ ...message, to: `mailto:${recipients.join(',')}` }),
    ).rejects.toMatchObject({ code: 'mail-refused' });
    expect(server.commands).toEqual([]);
  });

  it.each([
    ['451 ann@site.example: come again', 'mail-unreachable'],
    ['550 ann@site.example is nobody', 'mail-refused'],
  ])('that is answered %s is reported as %s, without the words of the server', async (answer, code) => {
    server.answer = answer;
    const failure = await sender()
      .deliver(message)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(answer.slice(0, 3)) });
    expect((failure as Error).message).not.toContain('ann');
  });

  it('may be tried again where nobody listens', async () => {
    await server.close();
    await expect(sender().deliver(message)).rejects.toMatchObject({ code: 'mail-unreachable' });
  });

  it('may be tried again where the server says nothing', async () => {
    const { createServer } = await import('node:net');
    const silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    await expect(sender({ port, timeoutMs: 100 }).deliver(message)).rejects.toMatchObject({
      code: 'mail-late',
    });
    silent.close();
  });

  it('and its password do not leave in clear where the server offers no STARTTLS', async () => {
    server.offers = ['AUTH PLAIN LOGIN'];
    const login = { user: 'goshawk', password };
    const failure = await sender({ security: 'starttls', login })
      .deliver(message)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: expect.stringMatching(/^mail-/) });
    const said = server.commands.join('\n');
    expect(said).not.toMatch(/AUTH|MAIL|RCPT/);
    expect(`${said}${(failure as Error).message}`).not.toContain(password);
    expect(server.messages).toEqual([]);
  });
});
