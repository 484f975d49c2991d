import { describe, expect, it, vi } from 'vitest';
import { ddsBuilt } from '../../../native/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { ended, jsonLines, startWith, tinyBundleFolder } from '../goshawk.ts';
import { freeDomain } from './free-domain.ts';
import { LifecycleClient } from './lifecycle-client.ts';

const missing = ddsBuilt('cyclone') ? '' : ' (skipped: goshawk_dds.node is not built)';

describe('goshawk run as a managed node', () => {
  it.skipIf(missing !== '')(
    `loads when it is configured, takes frames while it is active, and ends well when it is shut down${missing}`,
    async () => {
      const domain = freeDomain();
      const bundle = await tinyBundleFolder(temporaryFolder());
      const program = startWith(
        { ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' },
        ...['run', '--model', bundle, '--source', 'sim', '--engine', 'onnxruntime-node', '--json'],
        ...['--publish', 'ros', '--ros', 'dds', '--no-ros-auto-activate'],
      );
      let frames = 0;
      program.stdout?.on('data', (text: Buffer) => {
        frames += text.toString().split('"type":"frame"').length - 1;
      });
      const over = ended(program);
      const manager = new LifecycleClient('/goshawk', domain);
      expect(await manager.state()).toBe('unconfigured');
      expect(await manager.change('activate')).toBe(false);
      expect(await manager.change('configure')).toBe(true);
      expect(await manager.state()).toBe('inactive');
      expect(frames).toBe(0);
      expect(await manager.change('activate')).toBe(true);
      await vi.waitFor(() => expect(frames).toBeGreaterThan(2), 120_000);
      expect(await manager.change('deactivate')).toBe(true);
      // What was under way when it was told, and lies in the pipe: then nothing more comes.
      let resting = -1;
      while (resting !== frames) {
        resting = frames;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(frames).toBe(resting);
      expect(await manager.change('activate')).toBe(true);
      await vi.waitFor(() => expect(frames).toBeGreaterThan(resting + 2), 120_000);
      expect(await manager.change('deactivate')).toBe(true);
      expect(await manager.change('cleanup')).toBe(true);
      expect(await manager.state()).toBe('unconfigured');
      expect(await manager.change('configure')).toBe(true);
      expect(await manager.change('activate')).toBe(true);
      const before = frames;
      await vi.waitFor(() => expect(frames).toBeGreaterThan(before), 120_000);
      expect(await manager.change('shutdown')).toBe(true);
      const ran = await over;
      manager.close();
      expect(ran.code).toBe(0);
      expect(jsonLines(ran.stdout).at(-1)).toMatchObject({ type: 'summary' });
    },
    600_000,
  );

  it('that nobody can manage is refused', async () => {
    const bundle = await tinyBundleFolder(temporaryFolder());
    const ran = await ended(
      startWith({}, 'run', '--model', bundle, '--source', 'sim', '--no-ros-auto-activate'),
    );
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain('Add --publish ros');
  });
});
