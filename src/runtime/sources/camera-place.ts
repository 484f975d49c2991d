import { lookup } from 'node:dns/promises';
import { realpath } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isCameraUrl, parseCameraUrl } from './camera-url.ts';
import { parseV4l2 } from './v4l2-spec.ts';

/** A start without a network must not wait for its names. */
const lookupMs = 2000;

const addressInPipeline = /\b(?:rtsp[a-z]*|https?):\/\/[^\s"'!]+/gi;
const hostInPipeline = /\b(?:host|address)\s*=\s*"?([^\s"'!]+)/gi;
const deviceInPipeline = /\/dev\/[A-Za-z0-9_./:-]+/g;

/** Finds which of `own` shows what a source shows, by device node or host; undefined for none. */
export async function findOwnCamera(
  own: Readonly<Record<string, { readonly source: string }>>,
): Promise<(source: string) => Promise<string | undefined>> {
  const places = await Promise.all(
    Object.entries(own).map(async ([name, { source }]) => [name, await placesOf(source)] as const),
  );
  return async (source) => {
    const wanted = await placesOf(source);
    return places.find(([, there]) => there.some((place) => wanted.includes(place)))?.[0];
  };
}

/**
 * Device nodes, hosts and addresses of a source, each in one spelling. Ports, schemes and paths are left out: a camera serves
 * one picture on several of them. Empty for what is no camera, or can't be read.
 */
async function placesOf(source: string): Promise<readonly string[]> {
  const { devices, hosts } = namedIn(source);
  const found = await Promise.all([
    ...devices.map(async (path) => [await realpath(path).catch(() => path)]),
    ...hosts.map(addressesOf),
  ]);
  return found.flat();
}

function namedIn(source: string): { devices: readonly string[]; hosts: readonly string[] } {
  try {
    if (isCameraUrl(source))
      return { devices: [], hosts: hostsOf(parseCameraUrl(source, process.env).url.href) };
    if (source.startsWith('v4l2:')) return { devices: [parseV4l2(source).path], hosts: [] };
  } catch {
    return { devices: [], hosts: [] };
  }
  if (!source.startsWith('gst:')) return { devices: [], hosts: [] };
  const devices = source.match(deviceInPipeline) ?? (/\bv4l2src\b/.test(source) ? ['/dev/video0'] : []);
  const urls = source.match(addressInPipeline) ?? [];
  const named = [...source.matchAll(hostInPipeline)].map(([, host = '']) => `http://${host}`);
  return { devices, hosts: [...urls, ...named].flatMap(hostsOf) };
}

/** The host of an address, in the spelling of the URL standard. */
function hostsOf(address: string): string[] {
  const text = address.replace(/^[a-z]+:/i, 'http:');
  return URL.canParse(text) ? [canonicalHost(new URL(text).hostname)] : [];
}

/** 10.0.0.5 for [::ffff:10.0.0.5]; names without the dot at their end. */
function canonicalHost(hostname: string): string {
  const mapped = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(hostname);
  if (mapped === null) return hostname.replace(/\.$/, '');
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (/^\[|^\d+\.\d+\.\d+\.\d+$/.test(host)) return [host];
  const done = new AbortController();
  const found = await Promise.race([
    lookup(host, { all: true }).catch(() => []),
    pause(lookupMs, [], { signal: done.signal }).catch(() => []),
  ]);
  done.abort();
  const addresses = found.map(({ address, family }) =>
    hostsOf(`http://${family === 6 ? `[${address}]` : address}`),
  );
  return [host, ...addresses.flat()];
}
