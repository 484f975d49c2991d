/*
 * What must not be in an image: everything that belongs to one board. An image with an id or a key in it gives the same to
 * every board that it is written to.
 */

/** Files that are made on the board. Paths from the root, without the first slash. */
const forbiddenPaths: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^etc\/ssh\/ssh_host_.*_key(\.pub)?$/, 'a host key of ssh'],
  [/^var\/lib\/dbus\/machine-id$/, 'an id of the machine'],
  [/^var\/lib\/systemd\/(random-seed|credential\.secret)$/, 'a secret of systemd'],
  [/^(etc|var\/lib)\/NetworkManager\/(secret_key|seen-bssids)$/, 'a secret of NetworkManager'],
  [/^(etc\/NetworkManager\/system-connections|var\/lib\/iwd)\/.+/, 'a network of one place'],
  [/^etc\/(ssl\/private|rauc)\/.*\.key(\.pem)?$/, 'a private key'],
  [/^(root|home\/[^/]+)\/\.ssh\/.+/, 'a key of ssh'],
  [/^var\/lib\/goshawk-(agent|controller|image)\/.+/, 'state of a device'],
  [/^etc\/goshawk\/.*\.(key|token|crt)$/, 'an identity of a device'],
  [
    /^etc\/apt\/(sources\.list$|sources\.list\.d\/.|preferences\.d\/.|auth\.conf)/,
    'apt settings of the building machine',
  ],
  [/^etc\/resolv\.conf$/, 'the name servers of the building machine'],
];

/** `undefined`: may be there. A link is not followed. */
export function forbiddenPath(path: string, isLink: boolean): string | undefined {
  if (isLink) return undefined;
  return forbiddenPaths.find(([pattern]) => pattern.test(path))?.[1];
}

/** Only files that small are looked into: a key is small. */
export const lookedIntoBytes = 256 * 1024;

const privateKey = /-----BEGIN ((RSA|EC|DSA|OPENSSH|ENCRYPTED) )?PRIVATE KEY-----\s+[A-Za-z0-9+/=:\s,-]{40}/;

/** Whether a private key stands in the text of a file. */
export function holdsPrivateKey(text: string): boolean {
  return privateKey.test(text);
}

/** An id of the machine in /etc/machine-id: empty and `uninitialized` are none. */
export function isMachineId(text: string): boolean {
  return /^[0-9a-f]{32}\s*$/.test(text);
}
