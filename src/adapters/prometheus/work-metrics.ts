import { performance } from 'node:perf_hooks';
import { type Histogram, Registry } from 'prom-client';
import { controllerMetrics } from '../../api/index.ts';
import { histogram, shown } from './instruments.ts';

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const databaseBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** One request that was answered. */
export interface Answered {
  readonly method: string;
  /** The template of its route, never its path; undefined where there is no such route. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

/** What the controller's server and its database do, counted as they do it. */
export class WorkMetrics {
  readonly registry = new Registry();
  readonly #requests: Histogram<string>;
  readonly #database: Histogram<string>;
  readonly #streamed: Histogram<string>;
  #streams = 0;

  constructor() {
    this.#requests = histogram(this.registry, controllerMetrics.requestSeconds, requestBuckets);
    this.#database = histogram(this.registry, controllerMetrics.databaseSeconds, databaseBuckets);
    this.#streamed = histogram(this.registry, controllerMetrics.streamSeconds, requestBuckets);
    shown(this.registry, controllerMetrics.streams, (put) => put(this.#streams));
  }

  /** The labels have as many values as there are routes, whatever clients ask for. */
  answered({ method, route, status, seconds }: Answered): void {
    const labels = {
      method: methods.has(method) ? method : 'other',
      route: route ?? 'none',
      status: `${Math.floor(status / 100)}xx`,
    };
    this.#requests.observe(labels, seconds);
  }

  streamsOpen(count: number): void {
    this.#streams = count;
  }

  streamed(seconds: number): void {
    this.#streamed.observe(seconds);
  }

  /** The same store; how long each of its operations takes is counted. */
  measured<Store extends object>(store: Store): Store {
    const observe = (operation: string, startMs: number, result: 'ok' | 'failed') =>
      this.#database.observe({ operation, result }, (performance.now() - startMs) / 1000);
    return new Proxy(store, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        return (...args: unknown[]) => {
          const startMs = performance.now();
          const returned: unknown = Reflect.apply(value, target, args);
          if (returned instanceof Promise)
            returned.then(
              () => observe(key, startMs, 'ok'),
              () => observe(key, startMs, 'failed'),
            );
          return returned;
        };
      },
    });
  }
}
