/* Public keys of OpenSSH, as in a file `.pub` or `authorized_keys`: who may log in to a board. */

export interface SshKey {
  readonly type: string;
  /** What the fingerprint is of. */
  readonly blob: Uint8Array;
  readonly comment: string;
}

/** Those that OpenSSH still takes. */
const types = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];
const mostKeys = 32;
const mostBytes = 64 * 1024;

/** Why a text cannot be used, in words, or its keys. */
export function readSshKeys(text: string): readonly SshKey[] | string {
  if (text.length > mostBytes) return `It has more than ${mostBytes} bytes.`;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'It is the private key.';
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) return 'It has no key.';
  if (lines.length > mostKeys) return `It has more than ${mostKeys} keys.`;
  const keys: SshKey[] = [];
  for (const [index, line] of lines.entries()) {
    const key = keyOf(line);
    if (key === undefined)
      return `Key ${index + 1} is not a public key of OpenSSH (${types.slice(0, 3).join(', ')}, ...).`;
    keys.push(key);
  }
  return keys;
}

/** One line for each key, without anything else that the file had. */
export function authorizedKeys(keys: readonly SshKey[]): string {
  return keys
    .map(
      ({ type, blob, comment }) => `${[type, base64(blob), comment].filter((one) => one !== '').join(' ')}\n`,
    )
    .join('');
}

function keyOf(line: string): SshKey | undefined {
  const [, type = '', data = '', comment = ''] =
    /^(\S+) +([A-Za-z0-9+/]+={0,2})(?: +([\x20-\x7e]{0,200}))?$/.exec(line) ?? [];
  if (!types.includes(type) || data.length % 4 !== 0) return undefined;
  const blob = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  return firstString(blob) === type ? { type, blob, comment } : undefined;
}

/** The key says its own type: four bytes of length, then the text. */
function firstString(blob: Uint8Array): string | undefined {
  if (blob.length < 8) return undefined;
  const length = new DataView(blob.buffer).getUint32(0);
  return length > 64 ? undefined : new TextDecoder().decode(blob.subarray(4, 4 + length));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
