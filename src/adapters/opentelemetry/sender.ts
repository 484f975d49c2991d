import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { describeError, LimitError, MissingError } from '../../base/index.ts';
import { rejectUnanswered } from '../../platform/index.ts';

export interface OtlpSenderOptions {
  /** Without a path: `https://collector.example:4318`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM of authorities beside those of Node.js. */
  readonly ca?: string;
  readonly timeoutMs?: number;
  /** Throws a LimitError where the day's bytes are used up. */
  readonly spend?: (bytes: number) => void;
}

const packed = promisify(gzip);
/** What headers of a request cost about. */
const headerBytes = 300;

/** Posts what was serialized to a receiver of OTLP over HTTP, packed. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export class OtlpSender {
  readonly #options: OtlpSenderOptions;
  readonly counts = { sent: 0, failed: 0, refused: 0, bytes: 0 };

  constructor(options: OtlpSenderOptions) {
    this.#options = options;
  }

  /** `path`: `/v1/traces`, `/v1/metrics`, `/v1/logs`. Rejects with a GoshawkError where nobody took it. */
  async post(path: string, body: Uint8Array): Promise<void> {
    const bytes = await packed(body);
    const cost = bytes.byteLength + headerBytes;
    try {
      this.#options.spend?.(cost);
    } catch (error) {
      this.counts.refused += 1;
      throw error;
    }
    this.counts.bytes += cost;
    try {
      const status = await this.#request(path, bytes);
      if (status >= 200 && status < 300) {
        this.counts.sent += 1;
        return;
      }
      throw new MissingError('otlp-failed', `The receiver of OTLP answered ${status}.`, 'Read its log.');
    } catch (error) {
      this.counts.failed += 1;
      throw error instanceof MissingError || error instanceof LimitError ? error : unreachable(error);
    }
  }

  #request(path: string, body: Uint8Array): Promise<number> {
    const { url, headers, ca, timeoutMs = 10_000 } = this.#options;
    const address = new URL(`${url.replace(/\/+$/, '')}${path}`);
    const options = {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...headers,
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
        'content-length': body.byteLength,
      },
    } as const;
    return new Promise((resolve, reject) => {
      const answered = (response: IncomingMessage) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      };
      const sending =
        address.protocol === 'https:'
          ? httpsRequest(
              address,
              {
                ...options,
                minVersion: 'TLSv1.2',
                ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
              },
              answered,
            )
          : httpRequest(address, options, answered);
      sending.on('error', reject);
      rejectUnanswered(sending, reject);
      sending.end(body);
    });
  }
}

function unreachable(error: unknown): MissingError {
  return new MissingError(
    'otlp-unreachable',
    `The receiver of OTLP could not be reached: ${describeError(error)}.`,
    'Check its address (telemetry.otlp.url), its certificate and the network between.',
  );
}
