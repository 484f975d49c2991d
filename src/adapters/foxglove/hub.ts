// A package of CommonJS in which Node finds no names.
import protocol, { type IWebSocket } from '@foxglove/ws-protocol';
import {
  type FoxgloveChannel,
  type FoxgloveHub,
  type FoxgloveMessage,
  foxgloveChannels,
  type ProgramConnection,
} from '../../streams/index.ts';

const { FoxgloveServer } = protocol;

/** Foxglove's WebSocket protocol; its first bytes of data say so. */
const messageData = 1;

/** Channels `/<camera>/results`, `/<camera>/annotations` and `/<camera>/image` for each camera. */
export class FoxgloveServerHub implements FoxgloveHub {
  readonly protocol = FoxgloveServer.SUPPORTED_SUBPROTOCOL;
  readonly #server: InstanceType<typeof FoxgloveServer>;
  readonly #channels = new Map<string, number>();
  readonly #subscribed = new Set<number>();

  constructor(name: string, cameras: readonly string[]) {
    // No capability: clients can only subscribe.
    this.#server = new FoxgloveServer({ name });
    this.#server.on('subscribe', (channel) => this.#subscribed.add(channel));
    this.#server.on('unsubscribe', (channel) => this.#subscribed.delete(channel));
    for (const camera of cameras)
      for (const channel of Object.keys(foxgloveChannels))
        this.#advertise(camera, channel as FoxgloveChannel);
  }

  add(connection: ProgramConnection, data: (bytes: Uint8Array) => void): void {
    const socket: IWebSocket = {
      binaryType: 'arraybuffer',
      protocol: connection.protocol,
      onerror: undefined,
      onopen: undefined,
      onclose: undefined,
      onmessage: undefined,
      close: () => connection.end(),
      send: (sent) => {
        // Data has a queue that is bounded; the rest is short and answers what the program said.
        if (typeof sent !== 'string' && sent instanceof Uint8Array && sent[0] === messageData) data(sent);
        else void connection.send(sent as string | Uint8Array).catch(() => connection.end());
      },
    };
    this.#server.handleConnection(socket, 'program');
    connection.onMessage((message) => socket.onmessage?.({ data: message }));
    connection.onEnd(() => socket.onclose?.({} as never));
  }

  publish({ camera, channel, stampNs, text }: FoxgloveMessage): void {
    const id = this.#channels.get(`${camera} ${channel}`);
    if (id !== undefined && this.#subscribed.has(id))
      this.#server.sendMessage(id, stampNs < 0n ? 0n : stampNs, Buffer.from(text));
  }

  wanted(camera: string, channel: FoxgloveChannel): boolean {
    const id = this.#channels.get(`${camera} ${channel}`);
    return id !== undefined && this.#subscribed.has(id);
  }

  #advertise(camera: string, channel: FoxgloveChannel): void {
    const { schemaName, schema } = foxgloveChannels[channel];
    const id = this.#server.addChannel({
      topic: `/${camera}/${channel}`,
      encoding: 'json',
      schemaName,
      schemaEncoding: 'jsonschema',
      schema: JSON.stringify(schema),
    });
    this.#channels.set(`${camera} ${channel}`, id);
  }
}
