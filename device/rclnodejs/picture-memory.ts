import { loadNative } from '../../native/index.ts';
import { describeError, type Log } from '../../src/base/index.ts';

/*
 * rclnodejs allocates each message twice, for the middleware and for JavaScript. Of a picture of 6 MB each new piece of memory costs 1500
 * page faults, more than what is done with the picture; so what was freed is kept, and freed at once.
 */

/** Smaller ones are left to the garbage collector. */
const largeBytes = 1 << 20;
/** Nobody is at its other end: what is handed over to it is freed. */
const { port1: nowhere, port2: otherEnd } = new MessageChannel();
otherEnd.close();

/**
 * Frees a picture at once, so that the next one has its memory: the garbage collector lets many of them wait, and in new memory each
 * of 6 MB costs 1500 page faults.
 */
export function letGo({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < largeBytes || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  nowhere.postMessage(undefined, [buffer]);
}

/** The allocator keeps what is freed for the next picture. Without our addon it does not. */
export function keepPictureMemory(log: Log): void {
  try {
    loadNative().keepPicturesMemory();
  } catch (error) {
    log.debug('the memory of pictures is not kept', { reason: describeError(error) });
  }
}
