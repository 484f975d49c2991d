import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { InternalError } from '../../base/index.ts';
import { type ProfilePiece, putTogether, type ReferenceProfile, takeApart } from '../../drift/index.ts';

/*
 * A profile on its way from a thread to the event loop. Taken in at once it would hold the loop for milliseconds; so it
 * waits in pieces at a port of its own, and the loop takes one per turn.
 */

/** In the thread: the port at which all pieces wait. */
export function handOver(profile: ReferenceProfile): MessagePort {
  const { port1, port2 } = new MessageChannel();
  for (const piece of takeApart(profile)) port1.postMessage(piece);
  // Nothing more is sent; what was sent stays at the other end.
  port1.unref();
  return port2;
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
  if (profile === undefined) throw new InternalError('profile-failed', 'A profile came without pieces.', '');
  return profile;
}
