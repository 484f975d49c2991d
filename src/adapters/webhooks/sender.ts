import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { postedTo } from '../../api/index.ts';
import { describeError, GoshawkError, LimitError, MissingError, RefusedError } from '../../base/index.ts';
import type { AlertChannel, AlertMessage } from '../../controller/index.ts';
import { rejectUnanswered } from '../../platform/index.ts';
import type { AddressPolicy } from './address-policy.ts';
import { signatureOf } from './signature.ts';

export interface HttpAlertChannelOptions {
  readonly policy: AddressPolicy;
  readonly version: string;
  /** For the whole message: name, connection, answer. */
  readonly timeoutMs?: number;
  /** PEM of authorities beside those of Node.js, for receivers inside. */
  readonly ca?: string;
  /** How names are resolved; tests have names of their own. */
  readonly lookup?: typeof systemLookup;
}

/**
 * Sends a message once with POST. The address that the name stands for is looked at before the connection is made and
 * the connection goes to that very address, so that a name that changes its mind in between leads nowhere. Redirects
 * are not followed, the answer's body is not read, certificates are always verified.
 */
export class HttpAlertChannel implements AlertChannel {
  readonly #options: HttpAlertChannelOptions;

  constructor(options: HttpAlertChannelOptions) {
    this.#options = options;
  }

  async deliver(message: AlertMessage, timestampMs: number): Promise<string> {
    const url = readAddress(postedTo(message.to));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const secure = url.protocol === 'https:';
    if (isIP(host) !== 0) this.#expectAdmitted(host, host, secure);
    const { version, timeoutMs = 10_000, ca } = this.#options;
    const signal = AbortSignal.timeout(timeoutMs);
    const body = Buffer.from(message.body);
    const status = await new Promise<number>((resolve, reject) => {
      const options = {
        method: 'POST',
        agent: false,
        signal,
        lookup: this.#lookup(host, secure),
        headers: {
          'content-type': 'application/json',
          'content-length': body.byteLength,
          'user-agent': `goshawk/${version}`,
          'x-goshawk-event': message.event,
          'x-goshawk-delivery': message.id,
          ...(message.secret === undefined
            ? {}
            : { 'x-goshawk-signature': signatureOf(message.secret, message.body, timestampMs) }),
        },
      } as const;
      const answered = (response: IncomingMessage) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      };
      const sending: ClientRequest = secure
        ? httpsRequest(url, { ...options, minVersion: 'TLSv1.2', ...trusted(ca) }, answered)
        : httpRequest(url, options, answered);
      sending.on('error', (error) => reject(explain(error, host, signal.aborted ? timeoutMs : undefined)));
      rejectUnanswered(sending, (error) => reject(explain(error, host, undefined)));
      sending.end(body);
    });
    return sayAnswer(host, status);
  }

  #expectAdmitted(address: string, host: string, secure: boolean): void {
    const { policy } = this.#options;
    if (!policy.admits(address))
      throw new RefusedError(
        'webhook-refused',
        `The webhook at ${host} is not of the public internet, and this controller does not send there.`,
        'Allow its network in the settings of the controller: webhooks.allow.',
      );
    if (!secure && !policy.isAllowed(address))
      throw new RefusedError(
        'webhook-refused',
        `The webhook at ${host} is not encrypted.`,
        'Use https, or allow its network in the settings of the controller: webhooks.allow.',
      );
  }

  /** Resolves the name and gives the connection only what the policy lets through. */
  #lookup(host: string, secure: boolean): LookupFunction {
    const resolve = this.#options.lookup ?? systemLookup;
    return (name, options, done) => {
      resolve(name, { ...options, all: true }, (error, found) => {
        if (error !== null) {
          done(error, '');
          return;
        }
        const admitted: LookupAddress[] = [];
        let refused: unknown;
        for (const one of found) {
          try {
            this.#expectAdmitted(one.address, host, secure);
            admitted.push(one);
          } catch (cause) {
            refused = cause;
          }
        }
        const [first] = admitted;
        if (first === undefined) done((refused ?? new Error('no address')) as Error, '');
        else if (options.all === true) done(null, admitted);
        else done(null, first.address, first.family);
      });
    };
  }
}

/** Too early, too much and too busy pass; any other refusal is the receiver's last word. */
export function sayAnswer(host: string, status: number): string {
  const said = `${host} answered ${status}`;
  if (status >= 200 && status < 300) return said;
  if (status >= 500 || [408, 425, 429].includes(status))
    throw new MissingError(
      'webhook-failed',
      `${said}.`,
      'It is tried again. Look at the log of the receiver.',
    );
  throw new RefusedError(
    'webhook-refused',
    status >= 300 && status < 400 ? `${said}; redirects are not followed.` : `${said}.`,
    'Correct its address, or look at the log of the receiver.',
  );
}

function readAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url;
  throw new RefusedError(
    'webhook-refused',
    'The address of the webhook is not an http or https address.',
    'Correct it where it is set.',
  );
}

function trusted(ca: string | undefined): { readonly ca?: string[] } {
  if (ca === undefined) return {};
  // Naming authorities of one's own takes the place of the others, so they are named too.
  return { ca: [...rootCertificates, ca] };
}

/** Names the host alone: the path of an address may be a secret. */
function explain(error: Error, host: string, timedOutMs: number | undefined): GoshawkError {
  if (error instanceof GoshawkError) return error;
  if (timedOutMs !== undefined)
    return new LimitError(
      'webhook-timeout',
      `The webhook at ${host} did not answer within ${timedOutMs / 1000} s.`,
      'It is tried again. Answer at once and work afterwards.',
    );
  return new MissingError(
    'webhook-unreachable',
    `The webhook at ${host} could not be reached: ${describeError(causeOf(error))}.`,
    'It is tried again. Look at its name, its certificate and the way there.',
  );
}

/** Several addresses that were all tried give an AggregateError without words. */
function causeOf(error: Error): unknown {
  return error instanceof AggregateError ? (error.errors[0] ?? error) : error;
}
