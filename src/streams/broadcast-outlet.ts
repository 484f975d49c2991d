import type { Clock, Log } from '../base/index.ts';
import type { StreamCounts } from './counts.ts';
import { DeliveryQueue, type Waiting } from './delivery-queue.ts';
import { type FoxgloveMessage, foxglovePicture, foxgloveResult } from './foxglove/messages.ts';
import type { FoxgloveChannel } from './foxglove/schemas.ts';
import type { Outgoing, Outlet, PictureRequest, StreamPicture } from './outlet.ts';

/** Port: a program that is connected. */
export interface ProgramConnection {
  /** What it and the server agreed on; empty: JSON. */
  readonly protocol: string;
  /** Resolves when it left this process; rejects when the connection is gone. */
  send(data: string | Uint8Array): Promise<void>;
  onMessage(listener: (data: string | Uint8Array) => void): void;
  onEnd(listener: () => void): void;
  end(): void;
}

/** Port: what speaks Foxglove's protocol over connections. */
export interface FoxgloveHub {
  readonly protocol: string;
  /** `data`: a message that this program subscribed to. */
  add(connection: ProgramConnection, data: (bytes: Uint8Array) => void): void;
  publish(message: FoxgloveMessage): void;
  /** A program subscribed to it. */
  wanted(camera: string, channel: FoxgloveChannel): boolean;
}

export interface BroadcastOptions {
  readonly hub: FoxgloveHub;
  readonly pictures: PictureRequest;
  readonly counts: StreamCounts;
  readonly clock: Clock;
  readonly log: Log;
  /** Closes the server; connections are ended before. */
  readonly close: () => Promise<void>;
}

interface Item extends Waiting {
  readonly frames: readonly (string | Uint8Array)[];
}

interface Program {
  readonly connection: ProgramConnection;
  readonly queue: DeliveryQueue<Item>;
  /** Of Foxglove: frames of the message that is being given out. */
  readonly frames: Uint8Array[];
}

/** For each program; a slow one loses its oldest and holds up nobody else. */
const programQueue = { maxMessages: 64, maxBytes: 8_000_000 };

/** Results to every program that is connected, each at its own pace: as JSON, or in Foxglove's protocol with pictures. */
export class BroadcastOutlet implements Outlet {
  readonly #options: BroadcastOptions;
  readonly #programs = new Set<Program>();

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  accept(connection: ProgramConnection): void {
    const { hub, counts, clock, log } = this.#options;
    const queue = new DeliveryQueue<Item>({
      ...{ ...programQueue, counts, clock, log },
      deliver: async ([item]) => {
        for (const frame of item?.frames ?? []) await connection.send(frame);
      },
    });
    const program: Program = { connection, queue, frames: [] };
    this.#programs.add(program);
    connection.onEnd(() => {
      this.#programs.delete(program);
      void queue.close(0);
    });
    if (connection.protocol === hub.protocol) hub.add(connection, (bytes) => program.frames.push(bytes));
  }

  take(outgoing: Outgoing): void {
    const { counts, hub, pictures } = this.#options;
    if (this.#anyFoxglove)
      for (const message of foxgloveResult(outgoing, pictures.maxWidth)) hub.publish(message);
    let programs = 0;
    for (const program of this.#programs) {
      const frames =
        program.connection.protocol === hub.protocol ? program.frames.splice(0) : [outgoing.text];
      if (frames.length === 0) continue;
      programs += 1;
      // The stream has counted one.
      if (programs > 1) counts.produce();
      program.queue.offer({ bytes: bytesOf(frames), frames });
    }
    if (programs === 0) counts.leaveOut('no-receiver');
  }

  wantsPicture(camera: string): PictureRequest | undefined {
    const { hub, pictures } = this.#options;
    return pictures.fps > 0 && hub.wanted(camera, 'image') ? pictures : undefined;
  }

  picture(picture: StreamPicture): void {
    this.#options.hub.publish(foxglovePicture(picture));
    for (const { frames, queue } of this.#programs) {
      const own = frames.splice(0);
      if (own.length > 0) queue.offer({ bytes: bytesOf(own), frames: own, messages: 0 });
    }
  }

  async close(graceMs: number): Promise<void> {
    const programs = [...this.#programs];
    await Promise.all(programs.map(({ queue }) => queue.close(graceMs)));
    for (const { connection } of programs) connection.end();
    await this.#options.close();
  }

  get #anyFoxglove(): boolean {
    return [...this.#programs].some(({ connection }) => connection.protocol === this.#options.hub.protocol);
  }
}

function bytesOf(frames: readonly (string | Uint8Array)[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
