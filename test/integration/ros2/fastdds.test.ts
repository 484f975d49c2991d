import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { RosDetectionSink, RosFrameSource } from '../../../src/adapters/ros2/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import type { Frame, PerceptionResult } from '../../../src/perception/index.ts';
import { qosProfiles } from '../../../src/ros2/index.ts';
import { buildPeer, runPeer, whyNoPeer } from './fastdds-peer.ts';

const missing = whyNoPeer();
const domain = 91;

function resultOf(frame: Frame, clock: SystemClock): PerceptionResult {
  const first = frame.pixels.data[0] ?? 0;
  return {
    camera: frame.camera,
    sequence: frame.sequence,
    stampNs: frame.stampNs,
    frameId: frame.frameId,
    width: frame.width,
    height: frame.height,
    detections: Array.from({ length: 20 }, (_, k) => ({
      classId: k,
      label: k % 2 === 1 ? 'person' : 'fahrrad-ü',
      score: 0.5,
      box: { x1: first + k, y1: 2 * k, x2: first + k + 10, y2: 2 * k + 20 },
      trackId: k,
    })),
    identity: {
      model: 'street',
      version: '1',
      digest: `sha256:${'0'.repeat(64)}`,
      engine: 'none',
      precision: 'fp32',
      labels: [],
      inputWidth: 1,
      inputHeight: 1,
    },
    timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
    candidates: 20,
    captureToPublishMs: Number(clock.wallNs() - frame.stampNs) / 1e6,
  };
}

describe.skipIf(missing !== undefined)(
  `Fast DDS and device/dds on loopback${missing ? ` (${missing})` : ''}`,
  () => {
    const clock = new SystemClock();
    let folder = '';
    let peer = '';

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'goshawk-fastdds-'));
      peer = await buildPeer(folder);
    }, 240_000);

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('once the first result is back, carries 300 of 300 pictures of 1080p at 30 Hz and brings every result back with its stamp', async () => {
      const node = DdsNode.open({
        environment: rosEnvironment({ ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' }),
      });
      const source = new RosFrameSource({
        node,
        clock,
        camera: 'front',
        topic: '/camera/image_raw',
        qos: { ...qosProfiles.standard, depth: 10 },
      });
      const sink = new RosDetectionSink({ node, clock, cameras: ['front'] });
      const faults: string[] = [];
      const publishMs: number[] = [];
      let mixed = 0;
      let whole = 0;
      await source.open({
        frame: (frame) => {
          if (frame.pixels.scattered === undefined) whole += 1;
          // Puts the pieces together that the picture came in.
          const { data } = frame.pixels;
          // A fragment of another frame anywhere would show: each picture is of one value.
          for (let at = 0; at < data.length; at += 9973) if (data[at] !== data[0]) mixed += 1;
          const result = resultOf(frame, clock);
          const before = clock.monotonicMs();
          sink.publish(result);
          publishMs.push(clock.monotonicMs() - before);
          frame.pixels.release();
        },
        fault: (error) => faults.push(error.explain()),
        end: () => {},
      });
      const report = await runPeer(peer, [domain, 300, 30, 1920, 1080]);
      const counts = source.counts;
      await source.close();
      sink.close();
      node.close();
      publishMs.sort((a, b) => a - b);
      process.stderr.write(
        `fastdds: ${JSON.stringify(report)}; encode and publish of 20 detections: p50 ` +
          `${publishMs[150]?.toFixed(3)} ms, p99 ${publishMs[297]?.toFixed(3)} ms\n`,
      );
      expect(faults).toEqual([]);
      expect(mixed).toBe(0);
      expect(whole).toBe(0);
      expect(counts).toMatchObject({
        received: 300 + report.warmUpAnswered,
        damaged: 0,
        outOfOrder: 0,
        lost: 0,
      });
      expect(report).toMatchObject({
        sent: 300,
        refused: 0,
        received: 300,
        wrong: 0,
        unknownStamp: 0,
        missing: [],
      });
    }, 90_000);
  },
);
