import { defined } from '../../base/index.ts';

/** A camera that answered a WS-Discovery probe. Names are its own words: anybody in the network may answer. */
export interface NetworkCamera {
  /** Where the answer came from. */
  readonly address: string;
  readonly name?: string;
  readonly hardware?: string;
  /** Where its streams are asked for; absent where it named none at its own address. */
  readonly service?: string;
}

/** A stream of a camera, as its profile describes it. */
export interface CameraStream {
  /** For `--source` and `cameras.<name>.source`; without a login, whatever the camera put into it. */
  readonly source: string;
  readonly profile?: string;
  /** `H264`, `H265`, `JPEG`. */
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
}

const longest = 128;

/** The answers in one message; a camera may send several at once. Nothing of another form counts. */
export function camerasOf(message: unknown, address: string): NetworkCamera[] {
  const matches = field(field(message, 'probeMatches'), 'probeMatch');
  return (Array.isArray(matches) ? matches : [matches]).flatMap((match) => {
    if (match === undefined || match === null) return [];
    const scopes = words(field(match, 'scopes'));
    const name = scopeOf(scopes, 'name');
    const hardware = scopeOf(scopes, 'hardware');
    const service = words(field(match, 'XAddrs')).find((url) => isAt(url, address));
    return [
      {
        address,
        ...defined({ name, hardware, service }),
      },
    ];
  });
}

/** One profile with the address of its stream. Undefined where the address is none of a stream. */
export function streamOf(profile: unknown, uri: unknown): CameraStream | undefined {
  if (typeof uri !== 'string' || uri.length > 2048 || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  if (!['rtsp:', 'rtsps:', 'http:', 'https:'].includes(url.protocol)) return undefined;
  url.username = '';
  url.password = '';
  // As Profile S and Profile T name it.
  const encoder =
    field(profile, 'videoEncoderConfiguration') ?? field(field(profile, 'configurations'), 'videoEncoder');
  const size = field(encoder, 'resolution');
  const name = text(field(profile, 'name'));
  const format = text(field(encoder, 'encoding'));
  const [width, height] = [count(field(size, 'width')), count(field(size, 'height'))];
  const fps = count(field(field(encoder, 'rateControl'), 'frameRateLimit'));
  return {
    source: url.href,
    ...defined({ profile: name, format, fps }),
    ...(width === undefined || height === undefined ? {} : { width, height }),
  };
}

/** A camera that names the service of another would have that one asked in its place. */
function isAt(url: string, address: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && hostname === address;
}

function scopeOf(scopes: readonly string[], kind: string): string | undefined {
  const start = `onvif://www.onvif.org/${kind}/`;
  const scope = scopes.find((one) => one.startsWith(start));
  if (scope === undefined) return undefined;
  try {
    return text(decodeURIComponent(scope.slice(start.length)));
  } catch {
    return text(scope.slice(start.length));
  }
}

function words(value: unknown): string[] {
  return typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The library makes numbers of names such as 7. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const short = String(value).trim().slice(0, longest);
  return short === '' ? undefined : short;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < 100_000 ? value : undefined;
}
