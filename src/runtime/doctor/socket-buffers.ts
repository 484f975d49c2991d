import { readFile } from 'node:fs/promises';
import { largestAskedBytes, socketBufferRemedy, wantedSocketBytes } from '../../ros2/index.ts';
import { absent, type Check, ok } from './check.ts';

const name = 'socket buffers';
const inMib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Whether the kernel lets the sockets of a DDS middleware hold large pictures, and how much of that is missing. */
export async function checkSocketBuffers(folder = '/proc/sys/net/core'): Promise<Check> {
  const limitOf = async (file: string) =>
    Number((await readFile(`${folder}/${file}`, 'utf8').catch(() => 'unknown')).trim());
  const [receive, send] = [await limitOf('rmem_max'), await limitOf('wmem_max')];
  if (!Number.isSafeInteger(receive) || !Number.isSafeInteger(send))
    return absent(
      name,
      'what a socket may hold (net.core.rmem_max) cannot be read: a container does not show it',
      'Large best-effort pictures of ROS 2 need 32 MiB; look on the host: sysctl net.core.rmem_max net.core.wmem_max',
    );
  const allowed = `a socket may hold ${inMib(receive)} to read and ${inMib(send)} to send`;
  if (receive >= largestAskedBytes && send >= largestAskedBytes) return ok(name, allowed);
  const missing = [
    ...(receive < largestAskedBytes ? [`${inMib(largestAskedBytes - receive)} of net.core.rmem_max`] : []),
    ...(send < largestAskedBytes ? [`${inMib(largestAskedBytes - send)} of net.core.wmem_max`] : []),
  ];
  const all = `${allowed}; Goshawk requests ${inMib(largestAskedBytes)}; missing: ${missing.join(', ')}`;
  // Fewer hold a picture of 1080p, or one and a part of the next.
  return receive >= wantedSocketBytes
    ? ok(name, all)
    : absent(name, `${all}. Large best-effort pictures of ROS 2 will be lost`, socketBufferRemedy);
}
