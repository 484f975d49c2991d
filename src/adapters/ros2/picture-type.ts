import { InputError } from '../../base/index.ts';

export type PictureType = 'sensor_msgs/msg/Image' | 'sensor_msgs/msg/CompressedImage';

export const rawPicture: PictureType = 'sensor_msgs/msg/Image';
export const compressedPicture: PictureType = 'sensor_msgs/msg/CompressedImage';

/** As image_transport names it, for as long as it has no publishers. */
export function typeByName(topic: string): PictureType {
  return /\/compressed(?:Depth)?$/.test(topic) ? compressedPicture : rawPicture;
}

/**
 * What a subscription is to be, where it is `now` and these are the types of the publishers: as it is while one of them has that
 * type, or none is there. Undefined where all of them have types that are not read.
 */
export function typeByPublishers(types: readonly string[], now: PictureType): PictureType | undefined {
  if (types.length === 0 || types.includes(now)) return now;
  const other = now === rawPicture ? compressedPicture : rawPicture;
  return types.includes(other) ? other : undefined;
}

/** `asked`: the type that the source names, and no publisher has. */
export function foreignPicture(topic: string, types: readonly string[], asked?: PictureType): InputError {
  const carried = [...new Set(types.map((type) => type.slice(0, 100)))].slice(0, 4).join(', ');
  const readable = types.some((type) => type === rawPicture || type === compressedPicture);
  if (asked !== undefined && readable)
    return new InputError(
      'ros-picture-type',
      `The topic ${topic} carries ${carried}, where the source names ${asked}.`,
      'Leave type= out: it is found by what the publisher announces.',
    );
  return new InputError(
    'ros-picture-type',
    `The topic ${topic} carries ${carried}, which is not read here.`,
    carried.includes('FFMPEGPacket')
      ? 'Name the camera’s raw or compressed topic, its rtsp:// address, or republish it: ros2 run image_transport republish --ros-args -p in_transport:=ffmpeg -p out_transport:=raw -r in/ffmpeg:=<topic> -r out:=<another>.'
      : 'Name a topic with sensor_msgs/msg/Image or sensor_msgs/msg/CompressedImage; ros2 topic list -t prints them.',
  );
}
