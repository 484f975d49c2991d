import type { GstEvent } from '../../native/index.ts';
import type { GoshawkError } from '../../src/base/index.ts';
import {
  cameraCodec,
  cameraLost,
  cameraPath,
  cameraPictureSize,
  cameraRefused,
  cameraUnreachable,
} from '../../src/perception/index.ts';

/** Numbers of GstResourceError and GstStreamError that say more than that it failed. */
const resource = { notFound: 3, openRead: 5, openReadWrite: 7, read: 9, notAuthorized: 15 } as const;
const stream = { codecNotFound: 6, wrongType: 4, typeNotFound: 3 } as const;

/**
 * What an event that ends a pipeline means. `text` of the event comes with secrets taken out. Undefined for one that says
 * nothing.
 */
export function explainEvent(
  { kind, domain, code, text }: GstEvent,
  where: string,
  hadCredentials: boolean,
): GoshawkError | undefined {
  const [said = '', ...more] = text.split('\n');
  const debug = more.join('\n');
  const words = said.trim().replace(/\.$/, '');
  if (kind === 'missing') return cameraCodec(where, `no GStreamer element for ${words || 'it'} is installed`);
  if (kind === 'size') {
    const [width = 0, height = 0] = words.split('x').map(Number);
    return cameraPictureSize(where, width, height);
  }
  if (kind === 'ended') return cameraLost(where, 'the stream has ended');
  if (kind !== 'error') return undefined;
  if (domain === 'gst-resource-error-quark') {
    if (code === resource.notAuthorized || /Unauthorized|\b40[13]\b/.test(text))
      return cameraRefused(where, hadCredentials);
    const isPath = code === resource.notFound || /\b404\b|Not Found/i.test(text);
    if (isPath) return cameraPath(where, words);
    const isOpen = code === resource.openRead || code === resource.openReadWrite;
    if (isOpen) return cameraUnreachable(where, reasonIn(debug) ?? words);
  }
  const isCodec =
    domain === 'gst-core-error-quark'
      ? code === 12
      : domain === 'gst-stream-error-quark' && isCodecCode(code);
  if (isCodec) return cameraCodec(where, words);
  return cameraLost(where, reasonIn(debug) ?? (words === '' ? 'the pipeline has ended' : words));
}

function isCodecCode(code: number): boolean {
  return code === stream.codecNotFound || code === stream.wrongType || code === stream.typeNotFound;
}

/** The part of GStreamer's debug text that a person can use. */
function reasonIn(debug: string): string | undefined {
  const match =
    /(Connection refused|Could not connect[^.\n]*|No route to host|Network is unreachable|timed? ?out[^.\n]*|Error resolving [^\n.]*|Failed to connect[^\n]*|Connection closed|not-negotiated|not-linked|TLS[^\n]*|certificate[^\n]*)/i.exec(
      debug,
    );
  return match?.[1]?.trim();
}
