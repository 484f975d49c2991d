import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OtlpReceiver } from '../fixtures/otlp-receiver.ts';
import { brokerKinds } from './fleet/brokers.ts';
import { TestFleet } from './fleet/fleet.ts';
import { bundleIn } from './fleet/models.ts';
import { eventually, type Program } from './fleet/program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

describe('A fleet that sends to a receiver of OTLP', () => {
  let receiver: OtlpReceiver;
  let fleet: TestFleet;
  let agent: Program;

  beforeAll(async () => {
    receiver = await OtlpReceiver.open();
    const [kind] = brokerKinds;
    if (kind === undefined) throw new Error('There is no broker here.');
    fleet = await TestFleet.open(kind);
    await fleet.broker.start();
    const headersFile = join(fleet.folder, 'otlp.headers');
    writeFileSync(headersFile, 'Authorization: Bearer of-the-receiver\n', { mode: 0o600 });
    const otlp = { url: receiver.url, metricsEverySeconds: 1, headersFile };
    await fleet.startController({ telemetry: { otlp } });
    const settings = { telemetry: { otlp: { ...otlp, frameRatio: 0.5 } } };
    agent = await fleet.startAgent({ device: 'cam-1', settings });
    await fleet.online('cam-1');
  });
  afterAll(async () => {
    await fleet?.close();
    receiver?.close();
  });

  const named = (name: string, service: string) =>
    receiver.spans.filter((span) => span.name === name && span.service === service);

  it('sends the way of frames: waiting, preprocessing, network, decoding, within the frame', async () => {
    await eventually('frames', () => named('frame', 'goshawk-agent').length > 3);
    const frame = named('frame', 'goshawk-agent')[0];
    const stages = receiver.spans.filter(({ parentId }) => parentId === frame?.spanId);
    expect(stages.map(({ name }) => name).sort()).toEqual(['inference', 'postprocess', 'preprocess', 'wait']);
    for (const stage of stages) {
      expect(stage.traceId).toBe(frame?.traceId);
      expect(stage.startNs).toBeGreaterThanOrEqual(frame?.startNs ?? 0n);
      // Lengths are rounded to nanoseconds one by one.
      expect(stage.endNs).toBeLessThanOrEqual((frame?.endNs ?? 0n) + 1_000n);
    }
    expect(frame?.attributes).toMatchObject({ 'goshawk.camera': 'front', 'goshawk.model': 'tiny' });
  });

  it('sends the way of an order as one trace of both sides, without a word more on the wire', async () => {
    const bundle = await bundleIn(fleet.folder, '1.1.0');
    await fleet.push(bundle.location);
    expect(await fleet.command('model', 'deploy', 'tiny@1.1.0', '--device', 'cam-1')).toMatchObject({
      code: 0,
    });
    await eventually(
      'both sides',
      () =>
        named('order', 'goshawk-controller').length > 0 && named('deployment', 'goshawk-agent').length > 0,
    );
    const [order] = named('order', 'goshawk-controller');
    const [deployment] = named('deployment', 'goshawk-agent');
    expect(deployment?.traceId).toBe(order?.traceId);
    expect(deployment?.parentId).toBe(order?.spanId);
    expect(order?.parentId).toBe('');
    expect(order?.attributes).toMatchObject({ 'goshawk.device': 'cam-1', 'goshawk.slot': 'main' });
    expect(order?.events).toContain('device reports committed');
    const steps = receiver.spans.filter(({ parentId }) => parentId === deployment?.spanId);
    expect(steps.map(({ name }) => name)).toContain('committed');
    expect(order?.endNs).toBeGreaterThan(order?.startNs ?? 0n);
  });

  it('sends the metrics of both programs, and log lines', async () => {
    const metric = (service: string, name: string) =>
      receiver.metrics.find((one) => one.service === service && one.name === name);
    await eventually('metrics', () => metric('goshawk-agent', 'goshawk_frames_processed_total'));
    await eventually('metrics of the controller', () =>
      metric('goshawk-controller', 'goshawk_controller_devices'),
    );
    expect(metric('goshawk-agent', 'goshawk_frames_processed_total')?.kind).toBe('sum');
    expect(metric('goshawk-agent', 'goshawk_inference_seconds')).toMatchObject({
      kind: 'histogram',
      unit: 's',
    });
    expect(metric('goshawk-agent', 'goshawk_memory_bytes')).toMatchObject({ kind: 'gauge', unit: 'By' });
    expect(metric('goshawk-controller', 'goshawk_controller_http_request_seconds')?.kind).toBe('histogram');
    await eventually('log lines', () =>
      receiver.logs.some(({ service }) => service === 'goshawk-controller'),
    );
    expect(receiver.headers[0]).toMatchObject({
      ...{ authorization: 'Bearer of-the-receiver', 'content-type': 'application/x-protobuf' },
    });
  });

  it('keeps perceiving while the receiver refuses, says so once, and sends again afterwards', async () => {
    receiver.status = 503;
    const complaints = () => agent.log.filter(({ msg }) => msg === 'Telemetry for OTLP is dropped');
    await eventually('it says so', () => complaints().length > 0);
    expect(complaints()[0]).toMatchObject({ code: 'otlp-failed', reason: expect.stringContaining('503') });
    const before = receiver.spans.length;
    receiver.status = 200;
    await eventually('it sends again', () => receiver.spans.length > before);
    expect(await agent.end()).toMatchObject({ code: 0 });
  });
});
