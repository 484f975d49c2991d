import { networkInterfaces } from 'node:os';
import { type CameraStream, discoverCameras, streamsOf } from '../../adapters/onvif/index.ts';
import { InputError } from '../../base/index.ts';

/** Cameras of the network that speak ONVIF; see `discoverCameras`. */
export async function discoverNetworkCameras(
  request: { readonly waitMs: number; readonly networkInterface?: string },
  signal: AbortSignal,
): ReturnType<typeof discoverCameras> {
  const { networkInterface } = request;
  const known = Object.keys(networkInterfaces());
  if (networkInterface !== undefined && !known.includes(networkInterface))
    throw new InputError(
      'onvif-interface',
      `This machine has no network interface ${networkInterface}.`,
      `Name one of these: ${known.join(', ')}.`,
    );
  return discoverCameras(request, signal);
}

/** The streams of a camera at `10.0.0.5`, `10.0.0.5:8000` or the URL of its device service. */
export async function networkCameraStreams(
  at: string,
  asked: Omit<Parameters<typeof streamsOf>[0], 'service' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<readonly CameraStream[]> {
  const service = at.includes('://') ? at : `http://${at}/onvif/device_service`;
  if (!URL.canParse(service) || !/^https?:$/.test(new URL(service).protocol))
    throw new InputError(
      'onvif-address',
      `"${at}" is not the address of a camera.`,
      'Write its address, HOST or HOST:PORT, or the whole URL of its device service.',
    );
  return streamsOf({ service, ...asked, timeoutMs: 10_000 }, signal);
}
