import { readFileSync } from 'node:fs';
import {
  type JsonKey,
  methodOf,
  pathOf,
  type RequestArguments,
  type RouteReply,
} from '../../src/api/index.ts';
import { MissingError } from '../../src/base/index.ts';
import type { FleetClient } from '../../src/runtime/index.ts';

/** The controller's HTTP API as a client sees it: answers that a test sets, by path, and what was sent. */
export class FakeFleetApi implements Pick<FleetClient, 'call' | 'get' | 'raw' | 'send' | 'upload'> {
  readonly answers = new Map<string, unknown>();
  readonly asked: { readonly path: string; readonly query: object }[] = [];
  readonly sent: { readonly method: string; readonly path: string; readonly body: unknown }[] = [];
  readonly uploads: { readonly path: string; readonly text: string; readonly size: number }[] = [];

  async call<K extends JsonKey>(route: K, ...[request]: RequestArguments<K>): Promise<RouteReply<K>> {
    const { params, query, body } = (request ?? {}) as { params?: never; query?: object; body?: unknown };
    const path = pathOf(route, params as never);
    const method = methodOf(route);
    if (method === 'GET') return this.get(path, query);
    return this.send(method as 'PUT' | 'POST' | 'DELETE', path, body);
  }

  async get<T>(path: string, query: object = {}): Promise<T> {
    this.asked.push({ path, query });
    const answer = this.answers.get(path);
    if (answer === undefined) throw new MissingError('not-found', `There is no ${path}.`, '');
    return (typeof answer === 'function' ? answer(query) : answer) as T;
  }

  async raw(path: string, query: object = {}): Promise<Response> {
    return this.get<Response>(path, query);
  }

  async send<T>(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    this.sent.push({ method, path, body });
    return (this.answers.get(`${method} ${path}`) ?? { generations: { d1: 7 } }) as T;
  }

  async upload<T>(path: string, file: string, size: number): Promise<T> {
    this.uploads.push({ path, text: readFileSync(file, 'utf8'), size });
    return { complete: path.endsWith('/manifest'), missing: [] } as T;
  }
}
