import { GoshawkError, InputError, LimitError, RefusedError } from '../../base/index.ts';

export function noClips(camera: string): InputError {
  return new InputError(
    'clips-off',
    `No clips are kept of the camera "${camera}" on this device.`,
    `Set cameras.${camera}.clips in the settings of the device.`,
  );
}

export function nothingThere(camera: string): GoshawkError {
  return new GoshawkError(
    'clip-empty',
    `The camera "${camera}" gave no picture in that time.`,
    'Check the camera. A ring that is full holds fewer seconds: give it more `ringBytes`.',
  );
}

export function notHidden(camera: string): RefusedError {
  return new RefusedError(
    'clip-private',
    `Persons on the pictures of "${camera}" can't be hidden: no model that knows them looked at all of them.`,
    'Run a model that finds persons, or set privacy.clips to "plain" on the device.',
  );
}

export function wornOut(camera: string): LimitError {
  return new LimitError(
    'clip-wear',
    `The clips of "${camera}" have used up what may be written in 24 hours.`,
    'Name fewer events in `clips.on`, or raise `clips.bytesPerDay`.',
  );
}

export function ringSlow(camera: string): LimitError {
  return new LimitError(
    'clip-ring-slow',
    `The disk is too slow for the stream of "${camera}": a part of it was dropped.`,
    'Set `clips.ring` to "memory", lower the bit rate of the camera, or use a faster disk.',
  );
}

export function tooLarge(camera: string, bytes: number): LimitError {
  return new LimitError(
    'clip-too-large',
    `A clip of "${camera}" has ${bytes} bytes, more than all clips of the camera may have.`,
    'Raise `clips.maxBytes`, or make clips shorter.',
  );
}

export function tooMany(): LimitError {
  return new LimitError(
    'clip-too-many',
    'Clips are requested faster than they can be written.',
    'Name fewer events in `clips.on`.',
  );
}
