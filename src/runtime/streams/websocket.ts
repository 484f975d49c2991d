import type { WebSocketService } from '../../adapters/websocket/index.ts';
import { BroadcastOutlet } from '../../streams/index.ts';
import type { StreamKind } from './kind.ts';

export const webSocketStream: StreamKind<'websocket'> = {
  address: 'ws://127.0.0.1:8765',
  read: (address) => {
    if (!address.startsWith('ws://') || !URL.canParse(address)) return undefined;
    const { hostname, port } = new URL(address);
    // A port that is the usual one of its scheme is left out of an address.
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
  },
  to: ({ host, port }) => `ws://${host.includes(':') ? `[${host}]` : host}:${port}/`,
  open: async ({ host, port, origins, pictureFps: fps, pictureWidth: maxWidth }, ports) => {
    const { device, cameras, counts, clock, log } = ports;
    const { FoxgloveServerHub } = await import('../../adapters/foxglove/index.ts');
    const { serveWebSocket } = await import('../../adapters/websocket/index.ts');
    const hub = new FoxgloveServerHub(`Goshawk ${device}`, cameras);
    let service: WebSocketService | undefined;
    const outlet = new BroadcastOutlet({
      ...{ hub, pictures: { fps, maxWidth }, counts, clock, log },
      close: async () => service?.close(),
    });
    const accept = outlet.accept.bind(outlet);
    service = await serveWebSocket({ host, port, origins, protocol: hub.protocol, accept, log });
    log.info('Results for programs, and for Foxglove', { url: service.url });
    return outlet;
  },
};
