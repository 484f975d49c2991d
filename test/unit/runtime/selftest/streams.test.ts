import { describe, expect, it } from 'vitest';
import { GoshawkError, MissingError } from '../../../../src/base/index.ts';
import { tryRos } from '../../../../src/runtime/selftest/ros.ts';
import { tryStreams } from '../../../../src/runtime/selftest/streams.ts';
import type { TrialJob } from '../../../../src/runtime/trials/job.ts';
import type { JobLimits } from '../../../../src/runtime/trials/run-job.ts';

const { signal } = new AbortController();
const told: string[] = [];
const ports = { signal, onTrial: (name: string) => void told.push(name) };
const missing = (code: string) => new MissingError(code, `${code}.`, 'Install it.');

describe('Network cameras in a selftest', () => {
  const outcome = { frames: 10, width: 64, height: 64, encoding: 'nv12', tookMs: 100 };

  it('are tried by a pipeline and by each reader of RTSP, and each is told before', async () => {
    told.length = 0;
    const rows = await tryStreams(ports, async () => outcome);
    const names = ['GStreamer', 'RTSP by GStreamer', 'RTSP by ffmpeg'];
    expect(rows.map(({ name, state }) => [name, state])).toEqual(names.map((name) => [name, 'works']));
    expect(told).toEqual(names);
  });

  it('are absent where the reader is not installed, and fail where it is and does not work', async () => {
    const rows = await tryStreams(ports, async (job: TrialJob) => {
      if (job.kind === 'frames') throw missing('gstreamer-load');
      if (job.kind === 'rtsp' && job.decoder === 'ffmpeg') throw missing('ffmpeg-missing');
      throw new GoshawkError('trial-crash', 'It ended its process by SIGSEGV.', 'Install it again.');
    });
    expect(rows.map(({ state }) => state)).toEqual(['fails', 'fails', 'absent']);
    expect(rows[1]).toMatchObject({
      detail: 'It ended its process by SIGSEGV.',
      remedy: 'Install it again.',
    });
  });
});

describe('ROS 2 in a selftest', () => {
  it('is tried by each adapter, in a domain that no robot is in', async () => {
    const domains = new Set<string | undefined>();
    const run = async (_: unknown, { environment }: JobLimits) => {
      domains.add(environment?.ROS_DOMAIN_ID);
      return { carrier: 'DDS', tookMs: 12.3 };
    };
    const rows = await tryRos(ports, run as never);
    expect(rows.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'Cyclone DDS works',
      'Fast DDS works',
      'rclnodejs works',
    ]);
    const [domain] = domains;
    expect(domains.size).toBe(1);
    expect(rows[0]?.detail).toContain(`domain ${domain}, this machine alone`);
  });

  it('is absent where an adapter is not installed, and fails where it does not load', async () => {
    const run = async (job: { adapter: string }) => {
      if (job.adapter === 'dds') throw missing('dds-load');
      throw missing(job.adapter === 'fastdds' ? 'dds-not-built' : 'rclnodejs-missing');
    };
    const rows = await tryRos(ports, run as never);
    expect(rows.map(({ state }) => state)).toEqual(['fails', 'absent', 'absent']);
  });
});
