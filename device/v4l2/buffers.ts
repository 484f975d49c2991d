import { MissingError } from '../../src/base/index.ts';
import { explainErrno, type VideoNode } from './node.ts';
import { bufferAt, bytesOf, capture, ioctls, memoryMap, sizes } from './structs.ts';

/** Buffers of the driver: one is filled while others wait, run and are drawn. */
export const wantedBuffers = 6;

/** The memory of the driver's buffers, by their number. */
export function mapBuffers(node: VideoNode, path: string): Uint8Array[] {
  const asked = bytesOf(sizes.requestbuffers);
  asked.view.setUint32(0, wantedBuffers, true);
  asked.view.setUint32(4, capture, true);
  asked.view.setUint32(8, memoryMap, true);
  ask(node, path, ioctls.REQBUFS, asked.bytes, 'give buffers');
  const count = Math.min(asked.view.getUint32(0, true), 32);
  if (count < 2) {
    throw new MissingError(
      'v4l2-memory',
      `The driver of ${path} has no memory for pictures.`,
      'Take a smaller size, or end other programs that use cameras.',
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const { bytes, view } = bufferOf(index);
    ask(node, path, ioctls.QUERYBUF, bytes, 'show its buffers');
    return node.map(view.getUint32(bufferAt.offset, true), view.getUint32(bufferAt.length, true));
  });
}

export function bufferOf(index: number) {
  const buffer = bytesOf(sizes.buffer);
  buffer.view.setUint32(bufferAt.index, index, true);
  buffer.view.setUint32(bufferAt.type, capture, true);
  buffer.view.setUint32(bufferAt.memory, memoryMap, true);
  return buffer;
}

/** Throws in words where the driver refuses. */
export function ask(node: VideoNode, path: string, request: number, bytes: Uint8Array, what: string): void {
  const errno = node.ioctl(request, bytes);
  if (errno !== 0) throw explainErrno(errno, path, what);
}
