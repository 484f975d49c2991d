import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt } from '../../../native/index.ts';
import { qosProfiles, type RosLosses, readCompressedImage } from '../../../src/ros2/index.ts';
import { freeDomain } from './free-domain.ts';

const run = promisify(execFile);
const camera = path.join(import.meta.dirname, 'lossy-camera.ts');

describe('Pictures of a best-effort camera that are lost on the way', () => {
  const missing = ddsBuilt('cyclone') ? '' : ' (skipped: goshawk_dds.node is not built)';
  it.skipIf(missing !== '')(
    `are counted one by one over Cyclone DDS, which has a status for them and does not raise it${missing}`,
    async () => {
      const domain = freeDomain();
      const node = DdsNode.open({
        environment: rosEnvironment({ ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' }),
      });
      const numbers: number[] = [];
      let losses: RosLosses | undefined;
      node.subscribe({
        topic: '/lossy/compressed',
        type: 'sensor_msgs/msg/CompressedImage',
        qos: { ...qosProfiles.sensorData, depth: 1000 },
        maxBytes: 1 << 20,
        queue: 1000,
        onLosses: (told) => {
          losses = told;
        },
        onMessage: ({ bytes, release }) => {
          numbers.push(Number(readCompressedImage(bytes).header.stampNs));
          release();
        },
      });
      await run(process.execPath, ['--import', 'tsx', camera, String(domain), '500'], { timeout: 500_000 });
      node.close();
      const span = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1;
      expect(numbers.length).toBeGreaterThan(100);
      expect(span).toBeGreaterThan(numbers.length);
      expect(losses).toMatchObject({ superseded: 0, tooLarge: 0, onTheWay: span - numbers.length });
    },
    600_000,
  );
});
