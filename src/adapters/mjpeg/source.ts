import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Clock, defined, describeError, GoshawkError, InputError, jpegSize } from '../../base/index.ts';
import {
  cameraCodec,
  cameraLost,
  cameraPath,
  cameraRefused,
  cameraUnreachable,
  checkCameraSize,
  type FrameReceiver,
  type FrameSource,
  networkReason,
  type SourceCounts,
  StreamClock,
} from '../../perception/index.ts';
import { rejectUnanswered } from '../../platform/index.ts';
import { authorizationFor } from './authorization.ts';
import { MultipartParser, type Part } from './multipart.ts';

export interface MjpegOptions {
  readonly camera: string;
  /** Default `<camera>_optical`. */
  readonly frameId?: string;
  readonly clock: Clock;
  /** With credentials where they are needed. */
  readonly url: URL;
  /** How messages call it: without credentials. */
  readonly where: string;
  /** Take the certificate of an https camera as it comes. */
  readonly unverified?: boolean;
  /** Time to the answer; default 3000 ms. */
  readonly connectMs?: number;
  /** Largest picture; default 32 MiB. */
  readonly maxBytes?: number;
}

/**
 * `FrameSource` of one connection to a camera that sends JPEG pictures over HTTP. They stay compressed: who detects decodes
 * only as much as it needs. `open` resolves with the camera's answer; when the connection is over it is told as `lost`.
 */
export class MjpegFrameSource implements FrameSource {
  readonly camera: string;
  readonly #options: MjpegOptions;
  readonly #streamClock = new StreamClock();
  readonly #stop = new AbortController();
  #receiver: FrameReceiver | undefined;
  #parser: MultipartParser | undefined;
  #sequence = 0;
  #bytes = 0;
  #damaged = 0;

  constructor(options: MjpegOptions) {
    this.camera = options.camera;
    this.#options = options;
  }

  inputCounts(): SourceCounts {
    return { bytes: this.#bytes, decodeErrors: this.#damaged };
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const { clock, where, connectMs = 3000, maxBytes = 32 << 20 } = this.#options;
    if (this.#stop.signal.aborted) return;
    const late = new AbortController();
    const cancel = clock.after(connectMs, () => late.abort());
    try {
      const answer = await this.#ask(AbortSignal.any([this.#stop.signal, late.signal]));
      if (this.#stop.signal.aborted) {
        answer.destroy();
        return;
      }
      const boundary = boundaryOf(answer, where);
      this.#receiver = receiver;
      this.#parser = new MultipartParser(boundary, maxBytes, (part) => this.#take(part));
      this.#read(answer);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (late.signal.aborted) throw cameraUnreachable(where, `no answer within ${connectMs / 1000} s`);
      throw error instanceof GoshawkError ? error : cameraUnreachable(where, reasonOf(error));
    } finally {
      cancel();
    }
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    this.#stop.abort();
    this.#parser?.end();
  }

  /** The camera's answer, after its challenge where it has one. */
  async #ask(signal: AbortSignal): Promise<IncomingMessage> {
    const { url, where } = this.#options;
    const user = decodeURIComponent(url.username);
    const first = await this.#request(signal);
    if (first.statusCode !== 401) return this.#accepted(first, user !== '');
    first.destroy();
    const authorization =
      user === ''
        ? undefined
        : authorizationFor(first.headers['www-authenticate'] ?? '', {
            ...{ method: 'GET', path: url.pathname + url.search, user },
            password: decodeURIComponent(url.password),
          });
    if (authorization === undefined) throw cameraRefused(where, user !== '');
    return this.#accepted(await this.#request(signal, authorization), true);
  }

  #accepted(answer: IncomingMessage, hadCredentials: boolean): IncomingMessage {
    const { where } = this.#options;
    const { statusCode = 0, statusMessage = '' } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    const said = `${statusCode} ${statusMessage}`.trim().slice(0, 200);
    if (statusCode === 401 || statusCode === 403) throw cameraRefused(where, hadCredentials);
    if (statusCode >= 500) throw cameraLost(where, `the server says ${said}`);
    throw cameraPath(where, statusCode >= 300 && statusCode < 400 ? `${said}, which leads elsewhere` : said);
  }

  #request(signal: AbortSignal, authorization?: string): Promise<IncomingMessage> {
    const { url, unverified = false } = this.#options;
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    const headers = {
      accept: 'multipart/x-mixed-replace',
      ...defined({ authorization }),
    };
    const options = { headers, signal: this.#stop.signal, agent: false as const };
    return new Promise((resolve, reject) => {
      const asked =
        url.protocol === 'https:'
          ? httpsRequest(bare, { ...options, rejectUnauthorized: !unverified })
          : httpRequest(bare, options);
      const giveUp = () => asked.destroy();
      signal.addEventListener('abort', giveUp, { once: true });
      asked
        .once('response', (answer) => {
          signal.removeEventListener('abort', giveUp);
          resolve(answer);
        })
        // It may come again after the answer, when the connection breaks.
        .on('error', reject)
        .end();
      rejectUnanswered(asked, reject);
    });
  }

  #read(answer: IncomingMessage): void {
    const { where } = this.#options;
    answer.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      try {
        this.#parser?.push(chunk);
      } catch (error) {
        answer.destroy();
        this.#lost(error instanceof GoshawkError ? error : cameraLost(where, describeError(error)));
      }
    });
    answer.once('end', () => this.#lost(cameraLost(where, 'the camera has ended the stream')));
    answer.on('error', (error) => this.#lost(cameraLost(where, reasonOf(error))));
    answer.once('close', () => this.#lost(cameraLost(where, 'the connection is closed')));
  }

  #lost(error: GoshawkError): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#parser?.end();
    receiver?.lost?.(error);
  }

  #take({ headers, bytes, release }: Part): void {
    const { clock, where, frameId = `${this.camera}_optical` } = this.#options;
    const receiver = this.#receiver;
    const size = jpegSize(bytes);
    if (receiver === undefined || size === undefined) {
      release();
      if (receiver === undefined) return;
      this.#damaged += 1;
      receiver.fault(unreadable(where));
      return;
    }
    try {
      checkCameraSize(where, size.width, size.height);
    } catch (error) {
      release();
      throw error;
    }
    const sequence = this.#sequence;
    this.#sequence += 1;
    void receiver.frame({
      ...{ camera: this.camera, sequence, frameId, ...size, step: 0 },
      encoding: 'jpeg',
      stampNs: this.#streamClock.stampOf(timeOf(headers), clock.wallNs()),
      pixels: { data: bytes, release },
    });
  }
}

function reasonOf(error: unknown): string {
  return networkReason((error as NodeJS.ErrnoException).code) ?? describeError(error);
}

/** Some servers say when a picture was taken, in seconds. */
function timeOf(headers: ReadonlyMap<string, string>): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(headers.get('x-timestamp') ?? '');
  if (match === null) return undefined;
  return BigInt(match[1] ?? 0) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}

function boundaryOf(answer: IncomingMessage, where: string): string {
  const type = answer.headers['content-type'] ?? 'an answer without a type';
  const boundary = /multipart\/[^;]+;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) return boundary.trim();
  answer.destroy();
  throw cameraCodec(
    where,
    `${type.slice(0, 80)}, where a stream of JPEG pictures (multipart/x-mixed-replace) is read`,
  );
}

function unreadable(where: string): InputError {
  return new InputError(
    'mjpeg-picture',
    `${where} sent a picture that is no JPEG.`,
    'Check that the address is that of its MJPEG stream. The stream continues.',
  );
}
