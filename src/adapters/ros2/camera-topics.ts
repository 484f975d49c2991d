/** The camera of `goshawk run`, which the node is all about. */
const plainCamera = 'camera';

/**
 * What is in front of the names of a camera's topics and services: `~/<camera>`, and `~` for one that is named `camera`. Another camera
 * beside it changes nothing.
 */
export function cameraPrefix(camera: string): string {
  return camera === plainCamera ? '~' : `~/${rosToken(camera)}`;
}

/** In front of its parameters: `<camera>.`, or nothing. */
export function parameterPrefix(camera: string): string {
  return camera === plainCamera ? '' : `${rosToken(camera)}.`;
}

/** A camera may be named `front-left`; a part of a topic and of a parameter may not. */
export function rosToken(camera: string): string {
  const token = camera.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[0-9]/.test(token) ? `_${token}` : token;
}
