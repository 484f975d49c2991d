import { InputError, parseDurationMs } from '../../base/index.ts';
import { redactSource } from './redact.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What may stand behind the `#` of a camera's address. It is never sent to the camera. */
export interface CameraOptions {
  readonly transport: 'tcp' | 'udp';
  readonly keyFramesOnly: boolean;
  /** Take the camera's certificate as it comes. */
  readonly unverified: boolean;
  /** A camera that is silent for so long is connected anew. */
  readonly stallMs: number;
  readonly decoder: 'auto' | 'gstreamer' | 'ffmpeg';
}

export interface CameraUrl {
  readonly url: URL;
  /** The address as messages may show it. */
  readonly where: string;
  readonly options: CameraOptions;
}

export const usualStallMs = 5000;
const usual: CameraOptions = {
  transport: 'tcp',
  keyFramesOnly: false,
  unverified: false,
  stallMs: usualStallMs,
  decoder: 'auto',
};
const scheme = /^(rtsp|rtsps|http|https):\/\//i;

export function isCameraUrl(spec: string): boolean {
  return scheme.test(spec);
}

/**
 * `rtsp://user:${VARIABLE}@host:554/path?query#transport=udp&stall=10s`. A variable of the environment may stand in the
 * user's part, so that a password need not. Throws an InputError.
 */
export function parseCameraUrl(spec: string, env: Environment): CameraUrl {
  const where = redactSource(spec).replace(/#.*$/s, '');
  const text = spec.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = env[name];
    if (value !== undefined && value !== '') return encodeURIComponent(value);
    throw wrong(where, `the environment has no variable ${name}`);
  });
  if (!URL.canParse(text)) throw wrong(where, 'it is not an address');
  const url = new URL(text);
  if (url.hostname === '') throw wrong(where, 'it names no host');
  const options = parseCameraOptions(url.hash.slice(1), where);
  url.hash = '';
  return { url, where, options };
}

/** `transport=udp&key-frames&stall=10s`. Throws an InputError. */
function parseCameraOptions(text: string, where: string): CameraOptions {
  let options = usual;
  for (const part of text.split('&').filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=', 2);
    options = { ...options, ...optionOf(name, value, where) };
  }
  return options;
}

function optionOf(name: string, value: string, where: string): Partial<CameraOptions> {
  if (name === 'transport' && (value === 'tcp' || value === 'udp')) return { transport: value };
  if (name === 'key-frames' && value === '') return { keyFramesOnly: true };
  if (name === 'unverified' && value === '') return { unverified: true };
  if (name === 'decoder' && (value === 'gstreamer' || value === 'ffmpeg')) return { decoder: value };
  if (name === 'stall') {
    const stallMs = parseDurationMs(value);
    if (stallMs !== undefined && stallMs >= 500 && stallMs <= 3_600_000) return { stallMs };
    throw wrong(where, 'stall is a time from 500ms to 1h');
  }
  throw wrong(where, `"${name}${value === '' ? '' : `=${value}`}" after the # is no option`);
}

function wrong(where: string, what: string): InputError {
  return new InputError(
    'camera-address',
    `The address ${where} is not valid: ${what}.`,
    'Write rtsp://host/path or http://host/path, then # and options, joined by &: transport=udp, key-frames, stall=10s, decoder=ffmpeg, unverified. In a password write @ # / as %40 %23 %2F.',
  );
}
