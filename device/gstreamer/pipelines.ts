import type { GstPipelineOptions } from '../../native/index.ts';
import { InputError } from '../../src/base/index.ts';
import type { DeviceMemory } from '../../src/perception/index.ts';

export type PipelineText = Pick<GstPipelineOptions, 'launches' | 'properties'>;
type Launch = PipelineText['launches'][number];

/** The newest picture only, as soon as it is there; no buffer is kept beside it. */
const sink = 'appsink name=out sync=false max-buffers=1 drop=true enable-last-sample=false';
const onProcessor = 'video/x-raw,format=(string){NV12,I420}';
const asDmabuf = 'video/x-raw(memory:DMABuf),format=(string)DMA_DRM,drm-format=(string)NV12';
const asSurface = 'video/x-raw(memory:NVMM),format=NV12';

/** A Jetson's decoder leaves pictures in the memory of the GPU. */
const jetson = ['nvv4l2decoder', 'nvvidconv'];
const fromJetson = `nvvidconv ! video/x-raw,format=NV12 ! ${sink} caps="${onProcessor}"`;
/** They stay there. */
const onJetson = `nvvidconv name=surfaces ! ${asSurface} ! ${sink}`;
/** With rows in sequence: no other program reads the block linear layout of a decoder. */
const inRows = { element: 'surfaces', name: 'bl-output', value: 'false' };

/** Decoders that give anything else; what fits goes through as it is. */
function toSink(memories: readonly DeviceMemory[]): string {
  const caps = memories.includes('dmabuf') ? `${asDmabuf};${onProcessor}` : onProcessor;
  return `videoconvert ! ${sink} caps="${caps}"`;
}

/** `before` up to its pictures, for a board whose pictures are surfaces: left there where they may be. */
function surfaces(before: string, needs: readonly string[], memories: readonly DeviceMemory[]): Launch[] {
  const copied = { needs, text: `${before} ! ${fromJetson}` };
  return memories.includes('nvmm') ? [{ needs, text: `${before} ! ${onJetson}` }] : [copied];
}

function ofSurfaces(before: string, needs: readonly string[], memories: readonly DeviceMemory[]) {
  const properties = memories.includes('nvmm') ? [inRows] : [];
  return { launches: surfaces(before, needs, memories), properties };
}

/** A network camera. The address with its credentials is a property, so that it stands in no text. */
export function cameraPipeline(camera: {
  readonly url: URL;
  readonly transport: 'tcp' | 'udp';
  readonly unverified: boolean;
  readonly timeoutMs: number;
  /** Memory that pictures may stay in; default: none. */
  readonly memories?: readonly DeviceMemory[];
}): PipelineText {
  const { url, transport, unverified, timeoutMs, memories = [] } = camera;
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
  const decoded = `${source} ! decodebin`;
  return {
    launches: [
      ...surfaces(decoded, [...needs, ...jetson], memories),
      { needs: [...needs, 'videoconvert'], text: `${decoded} ! ${toSink(memories)}` },
    ],
    properties: [
      ...(memories.includes('nvmm') ? [inRows] : []),
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
export function csiPipeline(sensor: number, memories: readonly DeviceMemory[] = []): PipelineText {
  const camera = `nvarguscamerasrc sensor-id=${sensor} ! ${asSurface}`;
  return ofSurfaces(camera, ['nvarguscamerasrc', 'nvvidconv'], memories);
}

/**
 * A text of the user's, up to its pictures. Where they may stay what they are and the text ends in a Jetson's memory they are
 * not converted. Throws an InputError.
 */
export function ownPipeline(text: string, memories: readonly DeviceMemory[] = []): PipelineText {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 4000) {
    throw new InputError(
      'gst-pipeline',
      trimmed === '' ? 'The source gst: names no pipeline.' : 'The pipeline is longer than 4000 characters.',
      'Write what gst-launch-1.0 takes, up to the pictures: gst:v4l2src device=/dev/video0 ! jpegdec',
    );
  }
  if (endsInSurface.test(trimmed)) return ofSurfaces(trimmed, ['nvvidconv'], memories);
  return {
    launches: [{ needs: ['videoconvert'], text: `${trimmed} ! ${toSink(memories)}` }],
    properties: [],
  };
}

const endsInSurface = /(?:nvv4l2decoder[^!]*|\(memory:NVMM\)[^!]*)$/;
