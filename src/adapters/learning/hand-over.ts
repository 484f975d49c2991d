import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { InternalError } from '../../base/index.ts';
import {
  type ProfilePiece,
  parseProfile,
  putTogether,
  type ReferenceProfile,
  takeApart,
} from '../../drift/index.ts';
import { digestOf } from '../../platform/index.ts';

/*
 * A profile on its way from a thread to the event loop. Taken in at once it would hold the loop for milliseconds; so it
 * waits in pieces at a port of its own, and the loop takes one per turn.
 */

export interface HandedOver {
  /** The pieces of the profile wait here. */
  readonly pieces: MessagePort;
  /** sha256 of its file. */
  readonly digest: string;
}

/** In the thread: reads the file as every profile is read; all its pieces wait at the port, which has to be given away. */
export function handOver(bytes: Uint8Array, where: string): HandedOver {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const profile = parseProfile(text, where);
  const { port1, port2 } = new MessageChannel();
  for (const piece of takeApart(profile)) port1.postMessage(piece);
  // Nothing more is sent; what was sent stays at the other end.
  port1.unref();
  return { pieces: port2, digest: digestOf(bytes) };
}

/** On the event loop: one piece per turn. */
export async function takeOver(port: MessagePort): Promise<ReferenceProfile> {
  const pieces: ProfilePiece[] = [];
  for (;;) {
    const received = receiveMessageOnPort(port) as { readonly message: ProfilePiece } | undefined;
    if (received === undefined) break;
    pieces.push(received.message);
    await setImmediate();
  }
  port.close();
  const profile = putTogether(pieces);
  if (profile === undefined)
    throw new InternalError('profile-failed', 'A profile arrived without content.', '');
  return profile;
}
