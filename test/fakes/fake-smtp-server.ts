import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** So much of SMTP (RFC 5321) as a client needs to hand over a message, without TLS. */
export class FakeSmtpServer {
  readonly #server: Server;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  /** Every line of clients outside of messages. */
  readonly commands: string[] = [];
  readonly messages: { readonly from: string; readonly to: string[]; readonly text: string }[] = [];
  /** Answer to the end of the next messages. */
  answer = '250 taken';
  /** What EHLO offers. */
  offers: string[] = [];

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async listen(): Promise<FakeSmtpServer> {
    const made = new FakeSmtpServer();
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    made.#port = (made.#server.address() as AddressInfo).port;
    return made;
  }

  get port(): number {
    return this.#port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let [rest, from, to, inData]: [string, string, string[], boolean] = ['', '', [], false];
    const say = (line: string) => socket.write(`${line}\r\n`);
    const hear = (line: string) => {
      this.commands.push(line);
      const [verb = ''] = line.toUpperCase().split(/[ :]/);
      const address = /<(.*)>/.exec(line)?.[1] ?? '';
      if (verb === 'EHLO')
        for (const one of [...this.offers, null]) say(one === null ? '250 OK' : `250-${one}`);
      else if (verb === 'MAIL') [from, to] = [address, []];
      else if (verb === 'RCPT') to.push(address);
      else if (verb === 'DATA') inData = true;
      if (verb === 'STARTTLS') say('502 not here');
      else if (verb !== 'EHLO') say(verb === 'DATA' ? '354 go on' : '250 OK');
    };
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk) => {
      rest += chunk.toString('utf8');
      for (;;) {
        const mark = inData ? '\r\n.\r\n' : '\r\n';
        const at = rest.indexOf(mark);
        if (at < 0) return;
        const part = rest.slice(0, at);
        rest = rest.slice(at + mark.length);
        if (!inData) hear(part);
        else {
          inData = false;
          if (this.answer.startsWith('2')) this.messages.push({ from, to, text: part });
          say(this.answer);
        }
      }
    });
    say('220 fake');
  }
}
