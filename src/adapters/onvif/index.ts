// Around: onvif
export type { CameraStream, NetworkCamera } from './answers.ts';
export { discoverCameras, streamsOf } from './onvif.ts';
