import { readFileSync } from 'node:fs';
import {
  type JsonKey,
  methodOf,
  pathOf,
  type RawKey,
  type RequestArguments,
  type RouteParams,
  type RouteReply,
  type UploadKey,
} from '../../src/api/index.ts';
import { MissingError } from '../../src/base/index.ts';
import type { FleetClient } from '../../src/runtime/index.ts';

interface Given {
  readonly params?: never;
  readonly query?: object;
  readonly body?: unknown;
}

/** The controller's HTTP API as a client sees it: answers that a test sets, by path, and what was sent. */
export class FakeFleetApi implements Pick<FleetClient, 'call' | 'raw' | 'upload'> {
  readonly answers = new Map<string, unknown>();
  readonly asked: { readonly path: string; readonly query: object }[] = [];
  readonly sent: { readonly method: string; readonly path: string; readonly body: unknown }[] = [];
  readonly uploads: { readonly path: string; readonly text: string; readonly size: number }[] = [];

  /** What a manifest names and the controller has not. */
  missing: string[] = [];
  readonly #refusals = new Map<string, Error>();

  async call<K extends JsonKey>(route: K, ...[request]: RequestArguments<K>): Promise<RouteReply<K>> {
    const { params, query, body } = (request ?? {}) as Given;
    const path = pathOf(route, params as never);
    const method = methodOf(route);
    if (method === 'GET') return this.#get(path, query) as RouteReply<K>;
    this.sent.push({ method, path, body });
    const refusal = this.#refusals.get(`${method} ${path}`);
    if (refusal !== undefined) throw refusal;
    return (this.answers.get(`${method} ${path}`) ?? { generations: { d1: 7 } }) as RouteReply<K>;
  }

  async raw<K extends RawKey>(route: K, ...[request]: RequestArguments<K>): Promise<Response> {
    const { params, query } = (request ?? {}) as Given;
    return this.#get(pathOf(route, params as never), query) as Response;
  }

  async upload<K extends UploadKey>(
    route: K,
    params: RouteParams<K>,
    file: string,
    size: number,
  ): Promise<RouteReply<K>> {
    const path = pathOf(route, params);
    this.uploads.push({ path, text: readFileSync(file, 'utf8'), size });
    const missing = path.endsWith('/manifest') ? this.missing : [];
    return { complete: path.endsWith('/manifest') && missing.length === 0, missing } as RouteReply<K>;
  }

  /** From now on what is sent there is refused: `POST /devices/d1/describe`. */
  refuse(request: string, error: Error): void {
    this.#refusals.set(request, error);
  }

  #get(path: string, query: object = {}): unknown {
    this.asked.push({ path, query });
    const refusal = this.#refusals.get(`GET ${path}`);
    if (refusal !== undefined) throw refusal;
    const answer = this.answers.get(path);
    if (answer === undefined) throw new MissingError('not-found', `There is no ${path}.`, '');
    return typeof answer === 'function' ? answer(query) : answer;
  }
}
