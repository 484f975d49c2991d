import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { describeError, InputError, MissingError, RefusedError } from '../../base/index.ts';
import type { AddedKind, NewCamera } from '../../protocol/index.ts';
import { checkLive } from './live.ts';
import { redactSource } from './redact.ts';

/** A camera that somebody of the fleet names, its login apart. */
export interface AddedSource {
  readonly kind: AddedKind;
  readonly source: string;
  readonly username?: string;
  readonly password?: string;
}

const kinds: readonly (readonly [AddedKind, RegExp])[] = [
  ['rtsp', /^rtsps?:\/\//i],
  ['mjpeg', /^https?:\/\//i],
  ['v4l2', /^v4l2:\/dev\/(?:video\d{1,3}|v4l\/by-(?:id|path)\/[A-Za-z0-9_.-]{1,150})(?:\?|$)/],
];

/**
 * What may be tried and added over the fleet. Less than in a settings file: no variable of the environment, whose value would
 * be sent to the camera, and no path but that of a camera.
 */
export function addedSource({ source, username, password }: NewCamera): AddedSource {
  const kind = kinds.find(([, form]) => form.test(source))?.[0];
  if (kind === undefined || source.includes('$')) throw unknown(source);
  checkLive(source);
  if (kind === 'v4l2') {
    if (username === undefined && password === undefined) return { kind, source };
    throw new InputError('camera-login', 'A local camera has no login.', 'Leave out user and password.');
  }
  const url = new URL(source);
  const login = {
    username: username ?? decodeURIComponent(url.username),
    password: password ?? decodeURIComponent(url.password),
  };
  if (login.password !== '' && login.username === '')
    throw new InputError(
      'camera-login',
      'The camera has a password, but no user name.',
      'Give the user name too.',
    );
  const plain = source.replace(/^([a-z]+:\/\/)(?:[^/?#]*@)?/i, '$1');
  return {
    ...{ kind, source: plain },
    ...(login.username === '' ? {} : { username: login.username }),
    ...(login.password === '' ? {} : { password: login.password }),
  };
}

function unknown(source: string): InputError {
  return new InputError(
    'camera-kind',
    `${redactSource(source).slice(0, 200)} can't be added over the fleet.`,
    'Write rtsp://host/path, http://host/path (MJPEG) or v4l2:/dev/video0, without variables. Other sources go into the settings file of the device.',
  );
}

/** This machine, and addresses that a machine gives itself, as where clouds tell their secrets. */
const usuallyRefused = ['127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128', '169.254.0.0/16', 'fe80::/10'];

/**
 * RefusedError for a network camera outside of `networks` (CIDR), or without any, one at this machine itself. Every address of
 * its name has to be inside.
 */
export async function expectReachable(
  { kind, source }: AddedSource,
  networks: readonly string[],
): Promise<void> {
  if (kind === 'v4l2') return;
  const { hostname } = new URL(source.replace(/^[a-z]+:/i, 'http:'));
  const host = hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    throw new MissingError(
      'camera-host',
      `The device does not find ${host}: ${describeError(error)}.`,
      'Give the address of the camera.',
    );
  });
  const listed = blockList(networks.length > 0 ? networks : usuallyRefused);
  const isListed = (address: string) => listed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  const bad = found.find(({ address }) => isListed(address) !== networks.length > 0);
  if (bad === undefined) return;
  throw new RefusedError(
    'camera-network',
    `${host} (${bad.address}) is in no network where the fleet may add cameras on this device.`,
    'Its owner lists the networks in remote.cameraNetworks in the settings of the agent.',
  );
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [, address = '', bits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(network) ?? [];
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** InputError `settings-invalid` for a network of the settings that is none, such as 10.0.0.0/33. */
export function expectNetworks(networks: readonly string[]): void {
  for (const network of networks) {
    const [, address = '', bits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(network) ?? [];
    const version = isIP(address);
    if (version !== 0 && Number(bits) <= (version === 6 ? 128 : 32)) continue;
    throw new InputError(
      'settings-invalid',
      `remote.cameraNetworks: "${network}" is not a network.`,
      'Write networks as 192.0.2.0/24 or fd00::/8, single addresses as 192.0.2.7/32.',
    );
  }
}
