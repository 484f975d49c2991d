/** `~` where one camera is published, else `~/<camera>`: what is in front of the names of its topics and services. */
export function cameraPrefix(camera: string, cameras: readonly string[]): string {
  return cameras.length > 1 ? `~/${rosToken(camera)}` : '~';
}

/** A camera may be named `front-left`; a part of a topic and of a parameter may not. */
export function rosToken(camera: string): string {
  const token = camera.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[0-9]/.test(token) ? `_${token}` : token;
}
