import type { GoshawkError } from '../../base/index.ts';
import { cameraCodec, cameraPath, cameraRefused, cameraUnreachable } from '../../perception/index.ts';

type Explain = (where: string, said: string, hadCredentials: boolean) => GoshawkError;

/** What ffmpeg says, by the words that its releases have in common. The first that fits. */
const meanings: readonly (readonly [RegExp, Explain])[] = [
  [/\b401 Unauthorized|authorization failed|\b403 Forbidden/i, (where, _, had) => cameraRefused(where, had)],
  [/\b40[045] |\b404\b|\b45[0-9] |Stream Not Found/i, cameraPath],
  [/certificate|TLS|handshake/i, (where, said) => cameraUnreachable(where, `no secure connection: ${said}`)],
  [/resolve hostname|Name or service not known/i, (where) => cameraUnreachable(where, 'no such host')],
  [
    /Connection refused|No route to host|Network is unreachable|Connection timed out|Host is down/i,
    cameraUnreachable,
  ],
  [
    /Decoder .*not found|Unsupported codec|Unknown decoder|Could not find codec parameters|no decoder|unknown codec/i,
    cameraCodec,
  ],
  [/matches no streams|does not contain any stream|no video/i, (where) => cameraCodec(where, 'no video')],
];

/** `said`: ffmpeg's last lines, without secrets. Undefined where they mean nothing in particular. */
export function explainWords(said: string, where: string, hadCredentials: boolean): GoshawkError | undefined {
  for (const [words, explain] of meanings) {
    const line = said.split('\n').find((one) => words.test(one));
    // The prefix in brackets names the part of ffmpeg.
    if (line !== undefined) return explain(where, line.replace(/^\[[^\]]*\] */, '').trim(), hadCredentials);
  }
  return undefined;
}
