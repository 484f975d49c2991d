import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OtlpExport, OtlpSender } from '../../../../src/adapters/opentelemetry/index.ts';
import { LimitError, type Log, silentLog } from '../../../../src/base/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { OtlpReceiver } from '../../../fixtures/otlp-receiver.ts';

const options = {
  resource: { 'service.name': 'test' },
  frameRatio: 0.25,
  metricsEverySeconds: 60,
  logs: true,
};
const result = {
  ...{ camera: 'front', sequence: 7, detections: [], captureToPublishMs: 20 },
  ...{ identity: { model: 'm', version: '1' }, timings: { preprocessMs: 2, inferMs: 9, postprocessMs: 1 } },
} as unknown as PerceptionResult;

const frame = {} as never;

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await OtlpReceiver.open();
});
afterEach(() => receiver.close());

const exportTo = (sender: OtlpSender, random = () => 0, log: Log = silentLog) =>
  new OtlpExport(options, { sender, clock: new FakeClock(), log, random });

describe('Telemetry by OTLP', () => {
  it('traces the share of frames that was set', async () => {
    const values = [0.2, 0.3, 0.9, 0.1];
    const otlp = exportTo(new OtlpSender({ url: receiver.url, headers: {} }), () => values.shift() ?? 1);
    const frames = otlp.frames();
    for (let count = 0; count < 6; count += 1) frames.publish(result, frame);
    await otlp.close();
    expect(receiver.spans.filter(({ name }) => name === 'frame')).toHaveLength(2);
    const wait = receiver.spans.find(({ name }) => name === 'wait');
    expect((wait?.endNs ?? 0n) - (wait?.startNs ?? 0n)).toBe(8_000_000n);
  });

  it('counts each byte in the budget before it goes, and sends none where there is no room', async () => {
    const spent: number[] = [];
    const within = new OtlpSender({ url: receiver.url, headers: {}, spend: (bytes) => spent.push(bytes) });
    const one = exportTo(within);
    one.frames().publish(result, frame);
    await one.close();
    expect(spent).toHaveLength(1);
    expect(spent[0]).toBeGreaterThan(receiver.bytes);
    const before = receiver.bytes;
    const said: string[] = [];
    const beyond = new OtlpSender({
      ...{ url: receiver.url, headers: {} },
      spend: () => {
        throw new LimitError('budget-spent', 'No room.', 'Wait.');
      },
    });
    const other = exportTo(beyond, () => 0, { ...silentLog, warn: (message) => said.push(message) });
    other.frames().publish(result, frame);
    await other.close();
    expect(receiver.bytes).toBe(before);
    expect(beyond.counts).toMatchObject({ refused: 1, sent: 0 });
    expect(said).toEqual(['Telemetry for OTLP is dropped']);
  });

  it('sends log lines from info on with their fields, and no secret', async () => {
    const lines: string[] = [];
    const log: Log = {
      ...silentLog,
      info: (message) => lines.push(message),
      debug: (message) => lines.push(message),
    };
    const otlp = exportTo(new OtlpSender({ url: receiver.url, headers: {} }));
    const logged = otlp.logged(log).child({ device: 'd1' });
    logged.debug('for us');
    logged.warn('look', { token: 'gsk_hidden', camera: 'front' });
    await otlp.close();
    expect(receiver.logs).toEqual([{ service: 'test', level: 'warn', body: 'look' }]);
  });

  it('says that nobody is there, with the remedy', async () => {
    const sender = new OtlpSender({ url: 'http://127.0.0.1:9', headers: {} });
    await expect(sender.post('/v1/logs', new Uint8Array(3))).rejects.toMatchObject({
      code: 'otlp-unreachable',
      remedy: expect.stringContaining('telemetry.otlp.url'),
    });
  });
});
