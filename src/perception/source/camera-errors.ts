import { GoshawkError, InputError, LimitError, MissingError, RefusedError } from '../../base/index.ts';

/*
 * What can be wrong with a live camera, in the same words whatever reads it. `where` names it without credentials.
 */

/** The address does not answer. */
export function cameraUnreachable(where: string, why: string): MissingError {
  return new MissingError(
    'camera-unreachable',
    `${where} can't be reached: ${why}.`,
    'Check the address, the port and the network, and that the camera is on.',
  );
}

export function cameraRefused(where: string, hadCredentials: boolean): RefusedError {
  return new RefusedError(
    'camera-refused',
    hadCredentials
      ? `${where} refuses the user name or the password.`
      : `${where} asks for a user name and a password.`,
    hadCredentials
      ? 'Correct them, here or in the camera. Many cameras lock after some failures, so an agent tries again less often.'
      : 'Give both: in the settings as `username` and `passwordFile` of the camera, to a command as --username and --password-file.',
  );
}

/** The server is there, and the stream is not. */
export function cameraPath(where: string, said: string): MissingError {
  return new MissingError(
    'camera-path',
    `The camera at ${where} answers, but has no such stream: ${said}.`,
    'Check the path; the manual of the camera or its ONVIF page names it (often /stream1, /h264, /Streaming/Channels/101).',
  );
}

export function cameraCodec(where: string, said: string): MissingError {
  return new MissingError(
    'camera-codec',
    `This machine can't decode the stream of ${where}: ${said}.`,
    'Set the camera to H.264, H.265 or MJPEG, or install the decoder (Debian, Ubuntu: ffmpeg; gstreamer1.0-libav).',
  );
}

export function cameraPictureSize(where: string, width: number, height: number): GoshawkError {
  const size = `${where} sends pictures of ${width}x${height}`;
  return width < 2 || height < 2
    ? new InputError(
        'camera-picture-size',
        `${size}, too small for a picture.`,
        'Check the resolution that the camera is set to, and its driver.',
      )
    : new LimitError(
        'camera-picture-size',
        `${size}; at most ${mostCameraPixels / 1e6} million pixels are accepted.`,
        'Set the camera to a smaller resolution, or use its second stream.',
      );
}

/** Room for 8K (7680x4320) with some rows of padding. */
export const mostCameraPixels = 36_000_000;

/** Throws for a size that no camera should have. */
export function checkCameraSize(where: string, width: number, height: number): void {
  if (width < 2 || height < 2 || width * height > mostCameraPixels)
    throw cameraPictureSize(where, width, height);
}

/** The connection was there and is over. */
export function cameraLost(where: string, why: string): GoshawkError {
  return new GoshawkError(
    'camera-lost',
    `${where} is lost: ${why}.`,
    'The camera reconnects automatically. Check it and the network.',
  );
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no program listens on that port',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host can’t be resolved now',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no network',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; #unverified after the address accepts it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by an unknown authority; #unverified after the address accepts it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by an unknown authority; #unverified after the address accepts it',
};

/** What a code of the network means, in words; undefined for others. */
export function networkReason(code: string | undefined): string | undefined {
  return code === undefined ? undefined : reasons[code];
}
