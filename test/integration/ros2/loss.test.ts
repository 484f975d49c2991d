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

/** Numbers of those that came, and what is told of the others. */
async function hear(pictures: number, large: number) {
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
    maxBytes: 4096,
    queue: 1000,
    onLosses: (told) => {
      losses = told;
    },
    onMessage: ({ bytes, release }) => {
      numbers.push(Number(readCompressedImage(bytes).header.stampNs));
      release();
    },
  });
  const words = ['--import', 'tsx', camera, String(domain), String(pictures), String(large)];
  await run(process.execPath, words, { timeout: 500_000 });
  node.close();
  return { numbers, losses };
}

describe('Pictures of a best-effort camera that are lost on the way', () => {
  const missing = ddsBuilt('cyclone') ? '' : ' (skipped: goshawk_dds.node is not built)';
  it.skipIf(missing !== '')(
    `are counted one by one over Cyclone DDS, which has a status for them and does not raise it${missing}`,
    async () => {
      const { numbers, losses } = await hear(500, 0);
      const span = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1;
      expect(numbers.length).toBeGreaterThan(100);
      expect(span).toBeGreaterThan(numbers.length);
      expect(losses).toMatchObject({ superseded: 0, tooLarge: 0, onTheWay: span - numbers.length });
    },
    600_000,
  );

  it.skipIf(missing !== '')(
    `are told behind those that were refused before, of which none was lost${missing}`,
    async () => {
      const { numbers, losses } = await hear(210, 60);
      const sent = 210 - 60;
      const last = numbers.at(-1) ?? 0;
      const refused = losses?.tooLarge ?? 0;
      expect(refused).toBeGreaterThan(10);
      const small = last - (numbers[0] ?? 0) + 1 - numbers.length;
      expect(small).toBeGreaterThan(0);
      expect(numbers.length).toBeLessThan(sent);
      // Of the large ones it is not known here which came first.
      expect(losses?.onTheWay).toBeGreaterThanOrEqual(small);
      expect(losses?.onTheWay).toBeLessThanOrEqual(last - numbers.length - refused);
    },
    600_000,
  );
});
