import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { type GoshawkError, LimitError } from '../../base/index.ts';

const mostBytes = 4 * 1024 * 1024;

/** The library reads an answer to its end, however long that is. */
export function boundedAgent(
  secure: boolean,
  unverified: boolean,
): {
  readonly agent: HttpAgent;
  readonly tooMuch: Promise<never>;
  end(): void;
} {
  const sockets = new Set<Socket>();
  const agent = secure ? new HttpsAgent({ rejectUnauthorized: !unverified }) : new HttpAgent();
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => {
    const socket = create(...args) as Socket;
    sockets.add(socket);
    return socket;
  };
  let refuse: (error: GoshawkError) => void;
  const tooMuch = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const end = () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
  const timer = setInterval(() => {
    if (![...sockets].some(({ bytesRead }) => bytesRead > mostBytes)) return;
    end();
    refuse(
      new LimitError(
        'onvif-too-much',
        'The camera answered more than 4 MiB, too much for a list of streams.',
        'Check whether the address is that of a camera.',
      ),
    );
  }, 20);
  return { agent, tooMuch, end };
}
