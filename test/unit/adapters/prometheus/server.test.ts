import { afterEach, describe, expect, it } from 'vitest';
import { type MetricsServer, serveMetrics } from '../../../../src/adapters/prometheus/index.ts';
import { deviceMetrics, metricNames } from '../../../../src/protocol/index.ts';
import { InstrumentRegistry } from '../../../../src/telemetry/index.ts';

const model = { model: 'street "quoted"', version: '1.2.0' };

describe('/metrics of a device', () => {
  let server: MetricsServer | undefined;
  afterEach(() => server?.close());

  async function serve(registry: InstrumentRegistry): Promise<MetricsServer> {
    server = await serveMetrics({
      host: '127.0.0.1',
      port: 0,
      version: '1.2.3',
      readings: () => registry.readings(),
    });
    return server;
  }

  it('has latency as a histogram, counts and memory, labelled by model and version', async () => {
    const registry = new InstrumentRegistry();
    const latency = registry.histogram(deviceMetrics.latency, { camera: 'front', ...model });
    for (const seconds of [0.004, 0.02, 0.02, 7, 60]) latency.record(seconds);
    registry.counter(deviceMetrics.processed, { camera: 'front', ...model }).add(5);
    registry.gauge(deviceMetrics.memory, model).set(123_456);
    registry.counter(deviceMetrics.received, { camera: 'front' }).add(9);
    registry.counter(deviceMetrics.received, { camera: 'rear' }).add(8);
    const { url } = await serve(registry);
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).split('\n');
    const labels = 'camera="front",model="street \\"quoted\\"",version="1.2.0"';
    const bucket = (le: string) =>
      lines.find((line) => line.startsWith(`${metricNames.latency}_bucket{`) && line.includes(`le="${le}"`));
    expect(lines).toContain(`# TYPE ${metricNames.latency} histogram`);
    expect(bucket('0.005')).toMatch(/ 1$/);
    expect(bucket('0.025')).toMatch(/ 3$/);
    expect(bucket('10')).toMatch(/ 4$/);
    expect(bucket('+Inf')).toMatch(/ 5$/);
    expect(bucket('+Inf')).toContain('version="1.2.0"');
    expect(lines).toContain(`${metricNames.latency}_count{${labels}} 5`);
    expect(lines).toContain(`${metricNames.processed}{${labels}} 5`);
    expect(lines).toContain(`${metricNames.memory}{model="street \\"quoted\\"",version="1.2.0"} 123456`);
    expect(lines).toContain(`${metricNames.received}{camera="front"} 9`);
    expect(lines).toContain(`${metricNames.received}{camera="rear"} 8`);
  });

  it('does not show a gauge whose model has left', async () => {
    const registry = new InstrumentRegistry();
    const gauge = registry.gauge(deviceMetrics.memory, model);
    gauge.set(1);
    const { url } = await serve(registry);
    expect(await (await fetch(url)).text()).toContain(metricNames.memory);
    gauge.clear();
    expect(await (await fetch(url)).text()).not.toContain(metricNames.memory);
  });

  it('is the only thing there, and only to be read', async () => {
    const { url } = await serve(new InstrumentRegistry());
    expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('names a port that is taken', async () => {
    const { url } = await serve(new InstrumentRegistry());
    const port = Number(new URL(url).port);
    await expect(
      serveMetrics({ host: '127.0.0.1', port, version: '0', readings: () => [] }),
    ).rejects.toMatchObject({
      code: 'address-taken',
    });
  });
});
