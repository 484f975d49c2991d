import { describe, expect, it } from 'vitest';
import { namedFileProblems } from '../../../../src/runtime/settings/named-files.ts';

const problemsOf = (source: string) => namedFileProblems({ cameras: { front: { source } } });

describe('The source of a camera in settings', () => {
  it.each(['rtsp://10.0.0.5/x', 'http://10.0.0.5/video', 'gst:videotestsrc', 'csi:0', 'v4l2:/dev/video0'])(
    'may be a live camera that is not there: %s',
    async (source) => {
      expect(await problemsOf(source)).toEqual([]);
    },
  );

  it('that is wrong is named without its password', async () => {
    const problems = await problemsOf('rtsp://ann:secret1@10.0.0.5/x#speed=9');
    expect(problems).toMatchObject([{ path: 'cameras.front.source' }]);
    expect(JSON.stringify(problems)).not.toContain('secret1');
  });
});
