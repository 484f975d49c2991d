import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { McapStreamReader } from '@mcap/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { type CameraPrivacy, PrivacyRule, usualPrivacy } from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import {
  defaultCameraSettings,
  type Frame,
  type PerceptionResult,
} from '../../../../src/perception/index.ts';
import { openDeviceStreams } from '../../../../src/runtime/device/streams.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const [width, height] = [640, 384];
const person = { x1: 64, y1: 64, x2: 320, y2: 320 };

/** Black and white squares: where they are plain, neighbours differ as much as they can. */
const squares = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
  const at = Math.floor(i / 3);
  return ((Math.floor((at % width) / 8) + Math.floor(at / width / 8)) % 2) * 255;
});

/** The first picture in an MCAP file that a device wrote whose settings are these: luma. */
async function recorded(own: Partial<CameraPrivacy>): Promise<Uint8Array> {
  const path = join(temporaryFolder(), 'run.mcap');
  const settings = checkSettings(
    AgentSettings,
    {
      ...{ device: 'd1', dataDir: temporaryFolder(), broker: { url: 'mqtts://b.example' } },
      ...{ cameras: { front: { source: 'sim' } }, streams: { file: { mcap: { folder: path } } } },
    },
    'agent.json',
  );
  const privacy = new PrivacyRule({
    cameras: { front: { ...usualPrivacy, ...own } },
    settings: () => defaultCameraSettings,
  });
  const streams = await openDeviceStreams({ ...settings, device: 'd1' } as never, {
    ...{ clock: new SystemClock(), log: silentLog, agent: () => undefined, privacy },
    budget: { meterResults: (one: unknown) => one, spend: () => {} } as never,
  });
  const seen = { classId: 0, label: 'person', score: 0.9, box: person, trackId: 1 };
  let sequence = 0;
  const publish = () => {
    const stampNs = BigInt(++sequence) * 1_000_000_000n;
    const shape = { camera: 'front', sequence, stampNs, frameId: 'front', width, height };
    streams.publish(
      {
        ...{ ...shape, detections: [seen], candidates: 1, captureToPublishMs: 1 },
        timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
        identity: {
          task: 'detection',
          labels: ['person', 'car'],
          model: 'm',
          version: '1',
          digest: 'sha256:1',
        },
      } as unknown as PerceptionResult,
      { ...shape, encoding: 'rgb8', step: 3 * width, pixels: { data: squares, release() {} } } as Frame,
    );
  };
  const jpegOf = () => {
    const reader = new McapStreamReader();
    reader.append(readFileSync(path));
    for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
      if (record.type !== 'Message') continue;
      const value = JSON.parse(Buffer.from(record.data).toString()) as { format?: string; data?: string };
      if (value.format === 'jpeg') return Buffer.from(value.data ?? '', 'base64');
    }
    return undefined;
  };
  // A chunk of some pictures goes to the disk at once.
  await expect
    .poll(
      () => {
        publish();
        return jpegOf() !== undefined;
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  await streams.close();
  const jpeg = jpegOf();
  if (jpeg === undefined) throw new Error('No picture was recorded.');
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([width, height]);
  return data;
}

/** The largest difference between squares beside each other. */
function contrastIn(luma: Uint8Array, { x1, y1, x2, y2 }: typeof person): number {
  let most = 0;
  for (let y = y1 + 4; y < y2; y += 8)
    for (let x = x1 + 4; x < x2 - 8; x += 8)
      most = Math.max(most, Math.abs(luma[y * width + x]! - luma[y * width + x + 8]!));
  return most;
}

const elsewhere = { x1: 416, y1: 64, x2: 608, y2: 320 };

describe('Pictures that a device records as MCAP', () => {
  it('hide persons, and nothing else, where the rule of the graph says so', async () => {
    const luma = await recorded({ graph: 'blurred' });
    expect(contrastIn(luma, person)).toBeLessThan(60);
    expect(contrastIn(luma, elsewhere)).toBeGreaterThan(150);
  });

  it('are as they came where the rule is plain', async () => {
    expect(contrastIn(await recorded({ graph: 'plain' }), person)).toBeGreaterThan(150);
  });

  it('are black under masks, also where the rule is plain', async () => {
    const masks: CameraPrivacy['masks'] = [
      [
        [0.6, 0],
        [1, 0],
        [1, 1],
        [0.6, 1],
      ],
    ];
    const luma = await recorded({ graph: 'plain', masks });
    expect(contrastIn(luma, elsewhere)).toBeLessThan(30);
    expect(luma[192 * width + 520]).toBeLessThan(16);
    expect(contrastIn(luma, person)).toBeGreaterThan(150);
  });
});
