import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../contract/brokers.ts';
import { eventually } from '../fleet/program.ts';

/** Debian's Prometheus with a folder of its own. */
export class OpenPrometheus {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
  }

  /** `config`: as prometheus.yml has it. */
  static async open(config: object): Promise<OpenPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'goshawk-prometheus-'));
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        ...[`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`],
        ...[`--web.listen-address=${address}`, '--log.level=error'],
      ],
      { stdio: 'ignore' },
    );
    const open = new OpenPrometheus(`http://${address}`, folder, child);
    await eventually('Prometheus is ready', async () => (await fetch(`${open.url}/-/ready`)).ok);
    return open;
  }

  /** How many series a query has now; an error of the query is thrown. */
  async count(query: string): Promise<number> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { status, error, data } = (await response.json()) as {
      status: string;
      error?: string;
      data?: { result: { value: [number, string] }[] };
    };
    if (status !== 'success') throw new Error(`${query}: ${error}`);
    // A quantile of nothing is NaN, which a chart does not show.
    return (data?.result ?? []).filter(({ value }) => value[1] !== 'NaN').length;
  }

  async close(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
