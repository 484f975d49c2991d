import { createReadStream } from 'node:fs';
import { request } from 'node:https';
import { pipeline } from 'node:stream';
import { asGoshawkError, RefusedError } from '../../base/index.ts';
import { enginePath, largestOfferHeader, offerHeader } from '../../model/index.ts';
import { rejectUnanswered } from '../../platform/index.ts';
import type { PeerIdentity } from './peer-server.ts';

export interface EngineToGive {
  readonly bundle: string;
  /** As `ownEngines` signed it. */
  readonly offer: string;
  readonly path: string;
  readonly size: number;
}

/** A controller that says nothing for so long is given up. */
const silenceMs = 60_000;

/** Gives a plan to the registry of the controller. RefusedError `engine-not-taken` with what that said. */
export async function pushEngine(
  url: string,
  identity: PeerIdentity,
  { bundle, offer, path, size }: EngineToGive,
  signal: AbortSignal,
): Promise<void> {
  const header = Buffer.from(offer).toString('base64url');
  if (header.length > largestOfferHeader)
    throw new RefusedError(
      'engine-not-taken',
      `The offer of the plan has ${header.length} characters, and a request carries ${largestOfferHeader}.`,
      'The chain of certificates of this device is too long.',
    );
  const answered = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      `${url.replace(/\/+$/, '')}${enginePath}/${bundle}`,
      {
        ...{ method: 'PUT', agent: false, minVersion: 'TLSv1.2', signal, timeout: silenceMs },
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': size,
          [offerHeader]: header,
        },
        ...identity,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text = `${text}${part}`.slice(0, 1000);
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.once('error', reject);
      },
    );
    rejectUnanswered(sent, reject);
    sent.once('timeout', () => sent.destroy(new Error('it sends no answer')));
    pipeline(createReadStream(path), sent, (error) => {
      // Whatever the controller said before it hung up counts more.
      if (error !== null && error !== undefined) setImmediate(() => reject(error));
    });
  }).catch((error: unknown) => {
    throw asGoshawkError(error, 'engine-not-taken', 'It is tried again after the next start.');
  });
  if (answered.status === 201) return;
  throw new RefusedError(
    'engine-not-taken',
    `The controller does not take the plan (${answered.status}): ${wordsOf(answered.text)}`,
    'Read its log. This device keeps its plan.',
  );
}

function wordsOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message).slice(0, 300);
  } catch {
    return 'it does not say why.';
  }
}
