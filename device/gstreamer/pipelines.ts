import type { GstPipelineOptions } from '../../native/index.ts';
import { InputError } from '../../src/base/index.ts';

export type PipelineText = Pick<GstPipelineOptions, 'launches' | 'properties'>;

/** The newest picture only, as soon as it is there. */
const out =
  'appsink name=out sync=false max-buffers=1 drop=true caps="video/x-raw,format=(string){NV12,I420}"';
/** Decoders that give anything else; what fits goes through as it is. */
const toSink = `videoconvert ! ${out}`;
/** A Jetson's decoder leaves pictures in the memory of the GPU. */
const jetson = ['nvv4l2decoder', 'nvvidconv'];
const fromJetson = `nvvidconv ! video/x-raw,format=NV12 ! ${out}`;

/** A network camera. The address with its credentials is a property, so that it stands in no text. */
export function cameraPipeline(camera: {
  readonly url: URL;
  readonly transport: 'tcp' | 'udp';
  readonly unverified: boolean;
  readonly timeoutMs: number;
}): PipelineText {
  const { url, transport, unverified, timeoutMs } = camera;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const property = (name: string, value: string) => ({ element: 'source', name, value });
  const userId = decodeURIComponent(url.username);
  const user = userId === '' ? [] : [property('user-id', userId)];
  const password = userId === '' ? [] : [property('user-pw', decodeURIComponent(url.password))];
  const rtsp = url.protocol.startsWith('rtsp');
  const source = rtsp
    ? 'rtspsrc name=source source. ! application/x-rtp,media=video'
    : 'souphttpsrc name=source';
  const needs = [rtsp ? 'rtspsrc' : 'souphttpsrc', 'decodebin'];
  const timeoutUs = String(timeoutMs * 1000);
  return {
    launches: [
      { needs: [...needs, ...jetson], text: `${source} ! decodebin ! ${fromJetson}` },
      { needs: [...needs, 'videoconvert'], text: `${source} ! decodebin ! ${toSink}` },
    ],
    properties: [
      property('location', bare.href),
      ...user,
      ...password,
      ...(rtsp
        ? [
            property('protocols', transport),
            property('latency', transport === 'tcp' ? '0' : '100'),
            // Times as the camera gave them: how they lie to our clock is worked out in one place for all cameras.
            property('buffer-mode', 'none'),
            property('tcp-timeout', timeoutUs),
            property('timeout', timeoutUs),
            property('do-retransmission', 'false'),
            ...(unverified ? [property('tls-validation-flags', '0')] : []),
          ]
        : [property('is-live', 'true'), ...(unverified ? [property('ssl-strict', 'false')] : [])]),
    ],
  };
}

/** The camera at a Jetson's own connector. */
export function csiPipeline(sensor: number): PipelineText {
  const text = `nvarguscamerasrc sensor-id=${sensor} ! video/x-raw(memory:NVMM),format=NV12 ! ${fromJetson}`;
  return { launches: [{ needs: ['nvarguscamerasrc', 'nvvidconv'], text }], properties: [] };
}

/** A text of the user's, up to its pictures. Throws an InputError. */
export function ownPipeline(text: string): PipelineText {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 4000) {
    throw new InputError(
      'gst-pipeline',
      trimmed === '' ? 'The source gst: names no pipeline.' : 'The pipeline is longer than 4000 characters.',
      'Write what gst-launch-1.0 takes, up to the pictures: gst:v4l2src device=/dev/video0 ! jpegdec',
    );
  }
  return { launches: [{ needs: ['videoconvert'], text: `${trimmed} ! ${toSink}` }], properties: [] };
}
