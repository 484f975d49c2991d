import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Clock, describeError, type Log, sleep } from '../../base/index.ts';
import { rejectUnanswered } from '../../platform/index.ts';

/** The label by which a Service of Kubernetes finds the process that leads: "true" or "false". */
export const leaderLabel = 'goshawk-leader';

/** Where Kubernetes puts what a pod needs to speak to its server: `token`, `ca.crt` and `namespace`. */
const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
const serverUrl = 'https://kubernetes.default.svc';
const answerMs = 5_000;
const againMs = 2_000;

export interface LeaderLabelOptions {
  /** Name of this pod. */
  readonly pod: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly url?: string;
  readonly folder?: string;
}

/** Says by a label of its pod whether this process leads. It tries until Kubernetes has taken it, and never stops the process. */
export class LeaderLabel {
  readonly #options: Required<LeaderLabelOptions>;
  readonly #closed = new AbortController();
  #wanted: boolean | undefined;
  #work: Promise<void> | undefined;

  constructor(options: LeaderLabelOptions) {
    this.#options = { url: serverUrl, folder: accountFolder, ...options };
  }

  set(leads: boolean): void {
    this.#wanted = leads;
    this.#work ??= this.#write();
  }

  /** What led leads no more: said once. */
  async close(): Promise<void> {
    const led = this.#wanted === true;
    this.#closed.abort();
    await this.#work;
    if (led) await this.#patch(false).catch(() => {});
  }

  async #write(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closed;
    let told = false;
    for (let written: boolean | undefined; written !== this.#wanted && !signal.aborted; ) {
      const wanted = this.#wanted === true;
      try {
        await this.#patch(wanted);
        written = wanted;
      } catch (error) {
        const cause = describeError(error);
        if (!told)
          log.warn('The label of the leader can’t be set; trying again', { label: leaderLabel, cause });
        told = true;
        await sleep(clock, againMs, signal);
      }
    }
    this.#work = undefined;
  }

  async #patch(leads: boolean): Promise<void> {
    const { url, folder, pod } = this.#options;
    // Read each time: Kubernetes replaces the token within the hour.
    const [token, ca, namespace] = await Promise.all(
      ['token', 'ca.crt', 'namespace'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    const body = JSON.stringify({ metadata: { labels: { [leaderLabel]: `${leads}` } } });
    await new Promise<void>((resolve, reject) => {
      const path = `/api/v1/namespaces/${encodeURIComponent(`${namespace}`.trim())}/pods/${encodeURIComponent(pod)}`;
      const outgoing = request(new URL(path, url), {
        method: 'PATCH',
        ...(ca === undefined ? {} : { ca }),
        signal: AbortSignal.timeout(answerMs),
        headers: {
          authorization: `Bearer ${`${token}`.trim()}`,
          ...{ 'content-type': 'application/merge-patch+json', 'content-length': Buffer.byteLength(body) },
        },
      });
      outgoing.once('error', reject);
      rejectUnanswered(outgoing, reject);
      outgoing.once('response', (answer) => {
        const { statusCode = 0 } = answer;
        answer.resume();
        if (statusCode < 300) resolve();
        else reject(new Error(`Kubernetes answers ${statusCode} to PATCH ${path}`));
      });
      outgoing.end(body);
    });
  }
}
