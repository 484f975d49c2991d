import { loadNative, type VideoNodeHandle } from '../../native/index.ts';
import { GoshawkError, MissingError, RefusedError } from '../../src/base/index.ts';
import { errors } from './structs.ts';

/** Port: one open device of the kernel's. The fake of the tests plays a camera behind it. */
export type VideoNode = VideoNodeHandle;
export type OpenNode = (path: string) => VideoNode;

/** Throws in words. */
export function openNode(path: string): VideoNode {
  const { VideoNode: Node } = loadNative();
  if (Node === undefined) {
    throw new MissingError('v4l2-system', 'V4L2 cameras need Linux.', 'Use rtsp:// or gst: here.');
  }
  try {
    return new Node(path);
  } catch (error) {
    throw explainErrno((error as { readonly errno?: number }).errno ?? 0, path, 'open it');
  }
}

/** What an error of the kernel means for a camera. */
export function explainErrno(errno: number, path: string, what: string): GoshawkError {
  if (errno === errors.ENOENT || errno === errors.ENODEV) {
    return new MissingError(
      'v4l2-absent',
      `There is no camera at ${path}.`,
      'Plug it in; `goshawk camera list` lists those that are there.',
    );
  }
  if (errno === errors.EACCES || errno === errors.EPERM) {
    return new RefusedError(
      'v4l2-permission',
      `This user may not use ${path}.`,
      'Add the user to the group video: sudo usermod -aG video USER, and log in again.',
    );
  }
  if (errno === errors.EBUSY) {
    return new RefusedError(
      'v4l2-busy',
      `The camera ${path} is in use by another program.`,
      'End that program (sudo fuser -v /dev/video0 names it), or give this one another camera.',
    );
  }
  return new GoshawkError(
    'v4l2-failed',
    `The camera ${path} can't ${what}: error ${errno} of its driver.`,
    'Unplug it and plug it in again; the kernel’s log (dmesg) says more.',
  );
}
