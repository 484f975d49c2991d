import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { metricCatalogue } from '../../../src/api/index.ts';
import { freePort } from '../../contract/brokers.ts';
import { brokerKinds } from '../fleet/brokers.ts';
import { TestFleet } from '../fleet/fleet.ts';
import { eventually } from '../fleet/program.ts';
import { missing } from './scraped-fleet.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const noReceiver = missing('victoria-metrics', 'victoria-metrics');
const title = `Metrics that are sent by OTLP to VictoriaMetrics${noReceiver ? `, skipped: ${noReceiver}` : ''}`;

/** A receiver of OTLP that Debian has; that of its Prometheus is switched off. It takes metrics alone. */
describe.skipIf(noReceiver !== undefined)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-received-'));
  let child: ChildProcess;
  let url: string;
  let fleet: TestFleet;

  beforeAll(async () => {
    const address = `127.0.0.1:${await freePort()}`;
    url = `http://${address}`;
    const options = [`-storageDataPath=${join(folder, 'data')}`, `-httpListenAddr=${address}`];
    const naming = ['-opentelemetry.usePrometheusNaming', '-search.latencyOffset=0s'];
    child = spawn('victoria-metrics', [...options, ...naming], { stdio: 'ignore' });
    await eventually('it is ready', async () => (await fetch(`${url}/health`)).ok);
    const kind = brokerKinds.find((one) => one.missing === undefined);
    if (kind === undefined) throw new Error('There is no broker here.');
    fleet = await TestFleet.open(kind);
    await fleet.broker.start();
    const otlp = { url: `${url}/opentelemetry`, metricsEverySeconds: 1, logs: false };
    await fleet.startController({ telemetry: { otlp } });
    await fleet.startAgent({ device: 'cam-1', settings: { telemetry: { otlp } } });
    await fleet.online('cam-1');
  });
  afterAll(async () => {
    await fleet?.close();
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });

  /** The values of a query now; an error of it is thrown. */
  async function values(query: string): Promise<number[]> {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { status, error, data } = (await response.json()) as {
      status: string;
      error?: string;
      data?: { result: { value: [number, string] }[] };
    };
    if (status !== 'success') throw new Error(`${query}: ${error}`);
    return (data?.result ?? []).map(({ value }) => Number(value[1]));
  }
  const one = async (query: string) => (await values(query))[0] ?? Number.NaN;

  it('a counter that grows', async () => {
    const frames = 'sum({__name__="goshawk_frames_processed_total"})';
    await eventually('frames', async () => (await one(frames)) > 0);
    const before = await one(frames);
    await eventually('more frames', async () => (await one(frames)) > before);
  });

  it('a gauge with the labels of its program', async () => {
    await eventually('the devices', async () => (await one('goshawk_controller_devices')) === 1);
    expect(
      await one('goshawk_memory_bytes{service_name="goshawk-agent",service_instance_id="cam-1"} > 10000000'),
    ).toBeGreaterThan(0);
  });

  it('a histogram, of which quantiles are calculated', async () => {
    const median = 'histogram_quantile(0.5, sum by (le) (goshawk_inference_seconds_bucket))';
    await eventually('a median', async () => (await one(median)) > 0);
    const count = await one('sum(goshawk_inference_seconds_count)');
    const last = await one('sum(goshawk_inference_seconds_bucket{le="+Inf"})');
    expect(Math.abs(count - last)).toBeLessThan(0.05 * count + 20);
    expect(await one(median)).toBeLessThan(10);
  });

  it('under the names of the catalogue, as rules and dashboards read them', async () => {
    const response = await fetch(`${url}/api/v1/label/__name__/values`);
    const { data } = (await response.json()) as { data: string[] };
    const own = data.filter((name) => name.startsWith('goshawk_'));
    const known = new Set(
      Object.values(metricCatalogue).flatMap((rows) =>
        rows.flatMap(({ name }) => [name, ...['_bucket', '_count', '_sum'].map((end) => `${name}${end}`)]),
      ),
    );
    expect(own.length).toBeGreaterThan(40);
    expect(own.filter((name) => !known.has(name))).toEqual([]);
  });
});
