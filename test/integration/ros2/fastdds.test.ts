import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { buildReport, type Middleware } from '../../../native/index.ts';
import { RosDetectionSink, RosFrameSource } from '../../../src/adapters/ros2/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { qosProfiles } from '../../../src/ros2/index.ts';
import { buildPeer, runPeer, whyNoPeer } from './fastdds-peer.ts';
import { freeDomain } from './free-domain.ts';
import { resultOf } from './result-of.ts';

const clock = new SystemClock();
/** Of a third of a second, which is ten pictures, the eleventh gives way: a busy machine keeps the event loop waiting for longer. */
const twoSeconds = { ...qosProfiles.standard, depth: 60 };
/** A net only: a busy machine takes longer. */
const patienceMs = 600_000;
const builtAgainst = (version: string) =>
  buildReport().some(({ name, detail }) => name === 'fastdds' && detail.includes(`Fast DDS ${version}`));
/** The camera is Fast DDS 3, which shares no memory with 2. */
const ofVersion2 = builtAgainst('2.');
/** It listens on the loopback alone, where 3 looks for nobody who does not say that he does too; 2.6 has no words for that. */
const humble = builtAgainst('2.6.') ? { ROS_DISTRO: 'humble' } : {};
const roads: readonly {
  readonly name: string;
  readonly middleware: Middleware;
  readonly transports: 'udp' | 'shm';
  readonly domain: number;
}[] = [
  { name: 'Cyclone DDS, UDP on loopback', middleware: 'cyclone', transports: 'udp', domain: freeDomain() },
  {
    name: ofVersion2 ? 'Fast DDS 2, UDP on loopback' : 'Fast DDS, shared memory',
    middleware: 'fastdds',
    transports: 'shm',
    domain: freeDomain(),
  },
];

let folder = '';
let peer = '';

beforeAll(async () => {
  if (roads.every(({ middleware }) => whyNoPeer(middleware) !== undefined)) return;
  folder = mkdtempSync(path.join(tmpdir(), 'goshawk-fastdds-'));
  peer = await buildPeer(folder);
}, patienceMs);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(roads)('Fast DDS and device/dds over $name', ({ middleware, transports, domain }) => {
  const missing = whyNoPeer(middleware);
  const why = missing === undefined ? '' : ` (skipped over ${middleware}: ${missing})`;

  const join = () =>
    DdsNode.open({
      middleware,
      environment: rosEnvironment(
        {
          ROS_DOMAIN_ID: String(domain),
          ROS_LOCALHOST_ONLY: '1',
          ...(middleware === 'fastdds' ? humble : {}),
        },
        middleware,
      ),
    });

  // It waits while 8 pictures have no result: fewer than the segment holds and its writer keeps, so that none may be lost.
  it.skipIf(missing !== undefined)(
    `once the first result is back, carries 300 of 300 pictures of 1080p at 30 Hz and brings every result back with its stamp${why}`,
    async () => {
      const node = join();
      const source = new RosFrameSource({
        node,
        clock,
        camera: 'camera',
        topic: '/camera/image_raw',
        qos: twoSeconds,
      });
      const sink = new RosDetectionSink({
        node,
        clock,
        cameras: ['camera'],
        qos: { detections: twoSeconds },
      });
      const faults: string[] = [];
      const publishMs: number[] = [];
      const arrivalMs: number[] = [];
      const stamps: bigint[] = [];
      let mixed = 0;
      let whole = 0;
      await source.open({
        frame: (frame) => {
          stamps.push(frame.stampNs);
          arrivalMs.push(Number(clock.wallNs() - frame.stampNs) / 1e6);
          if (frame.pixels.scattered === undefined) whole += 1;
          // Puts the pieces together that the picture came in.
          const { data } = frame.pixels;
          // A fragment of another frame anywhere would show: each picture is of one value.
          for (let at = 0; at < data.length; at += 9973) if (data[at] !== data[0]) mixed += 1;
          const result = resultOf(frame, clock, data[0] ?? 0);
          const before = clock.monotonicMs();
          sink.publish(result);
          publishMs.push(clock.monotonicMs() - before);
          frame.pixels.release();
        },
        fault: (error) => faults.push(error.explain()),
        end: () => {},
      });
      const report = await runPeer(peer, ['paced', domain, 300, 30, 1920, 1080, transports]);
      const counts = source.counts;
      const { refused } = sink.counts('camera');
      await source.close();
      sink.close();
      node.close();
      const middle = (values: number[]) => values.sort((a, b) => a - b)[150]?.toFixed(3);
      process.stderr.write(
        `fastdds, ${transports}: ${JSON.stringify(report)}; ${JSON.stringify(counts.losses)}; ${refused} results not sent; stamp to our source p50 ${middle(arrivalMs)} ms; ` +
          `encode and publish of 20 detections: p50 ${middle(publishMs)} ms, p99 ${publishMs[297]?.toFixed(3)} ms\n`,
      );
      expect(faults).toEqual([]);
      expect(mixed).toBe(0);
      // Cyclone leaves a picture in its receive buffers; Fast DDS puts it together in ours.
      expect(whole).toBe(middleware === 'cyclone' ? 0 : counts.received);
      expect(stamps.filter((stampNs) => stampNs >= BigInt(report.firstStampNs))).toHaveLength(300);
      expect(counts).toMatchObject({ received: stamps.length, damaged: 0, outOfOrder: 0, lost: 0 });
      expect(report).toMatchObject({
        sent: 300,
        refused: 0,
        received: 300,
        wrong: 0,
        unknownStamp: 0,
        missing: [],
      });
    },
    patienceMs,
  );

  it.skipIf(missing !== undefined)(
    `counts every picture as lost that comes while the program is stopped and that the camera no longer keeps${why}`,
    async () => {
      const node = join();
      const source = new RosFrameSource({
        node,
        clock,
        camera: 'camera',
        topic: '/camera/image_raw',
        qos: twoSeconds,
      });
      const sink = new RosDetectionSink({
        node,
        clock,
        cameras: ['camera'],
        qos: { detections: twoSeconds },
      });
      const stamps: bigint[] = [];
      let mixed = 0;
      await source.open({
        frame: (frame) => {
          stamps.push(frame.stampNs);
          const { data } = frame.pixels;
          for (let at = 0; at < data.length; at += 9973) if (data[at] !== data[0]) mixed += 1;
          sink.publish(resultOf(frame, clock, data[0] ?? 0));
          frame.pixels.release();
        },
        fault: () => {},
        end: () => {},
      });
      // 50, then 40 while this process is stopped, of which the camera keeps 20, and 10 more.
      const report = await runPeer(peer, ['outrun', domain, 100, 30, 1920, 1080, transports]);
      const counted = () => stamps.filter((stampNs) => stampNs >= BigInt(report.firstStampNs)).length;
      await vi.waitFor(() => expect(counted() + source.counts.lost).toBe(100), 120_000);
      const counts = source.counts;
      await source.close();
      sink.close();
      node.close();
      expect(report).toMatchObject({ sent: 100, refused: 0, wrong: 0, unknownStamp: 0 });
      expect(report.missing.length).toBe(counts.lost);
      expect(report.missing.every((index) => index >= 50)).toBe(true);
      // Of the 40 the camera keeps 20, and the road a few: shared memory has room for some, datagrams have buffers.
      expect(counts.lost).toBeGreaterThan(0);
      expect({ mixed, damaged: counts.damaged, outOfOrder: counts.outOfOrder }).toEqual({
        mixed: 0,
        damaged: 0,
        outOfOrder: 0,
      });
    },
    patienceMs,
  );

  it.skipIf(missing !== undefined)(
    `refuses pictures of 100 MB and takes the next small one${why}`,
    async () => {
      const node = join();
      const source = new RosFrameSource({
        node,
        clock,
        camera: 'camera',
        topic: '/camera/image_raw',
        qos: { ...qosProfiles.standard, depth: 10 },
        silentAfterMs: 60_000,
      });
      const sink = new RosDetectionSink({ node, clock, cameras: ['camera'] });
      const faults: string[] = [];
      const widths = new Set<number>();
      await source.open({
        frame: (frame) => {
          widths.add(frame.width);
          sink.publish(resultOf(frame, clock, 0));
          frame.pixels.release();
        },
        fault: (error) => faults.push(error.code),
        end: () => {},
      });
      const before = process.memoryUsage().rss;
      await runPeer(peer, ['send', domain, 5, 2, 8000, 4200, transports]);
      await runPeer(peer, ['run', domain, 3, 30, 64, 48, transports]);
      const grownMiB = (process.memoryUsage().rss - before) / (1 << 20);
      await source.close();
      sink.close();
      node.close();
      process.stderr.write(
        `fastdds, ${transports}: ${grownMiB.toFixed(0)} MiB more after 5 pictures of 100 MB\n`,
      );
      expect(new Set(faults)).toEqual(new Set(['ros-image-too-large']));
      expect(widths).toEqual(new Set([64]));
      // Cyclone has a message whole before anybody may refuse it.
      if (middleware === 'fastdds') expect(grownMiB).toBeLessThan(90);
    },
    patienceMs,
  );

  it.skipIf(missing !== undefined || middleware === 'cyclone')(
    `answers a client of Fast DDS by what it says beside its request${middleware === 'cyclone' ? ' (skipped over cyclone: the two middlewares of ROS do not understand each other there)' : why}`,
    async () => {
      const node = join();
      node.serve('~/enable', 'std_srvs/srv/SetBool', ({ data }) => ({
        success: data,
        message: 'fahrrad-ü',
      }));
      const report = await runPeer<object>(peer, ['call', domain, 6, transports]);
      node.close();
      expect(report).toEqual({ called: 6, answered: 6, right: 6 });
    },
    patienceMs,
  );
});
