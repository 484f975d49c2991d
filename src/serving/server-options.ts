import type { InferenceService, ServerFacts } from './inference-service.ts';

/** Of a server of either transport. */
export interface InferenceServerOptions {
  readonly service: InferenceService;
  readonly facts: ServerFacts;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Of one request. */
  readonly maxBytes: number;
  /** PEM; absent: no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether a request with this `authorization` may ask; absent: every one may. */
  readonly allowed?: (authorization: string | undefined) => boolean;
}

export interface InferenceServer {
  readonly url: string;
  close(): Promise<void>;
}
