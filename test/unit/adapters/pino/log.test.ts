import { describe, expect, it } from 'vitest';
import { createLog } from '../../../../src/adapters/pino/index.ts';
import { MissingError } from '../../../../src/base/index.ts';

function lines(level: 'debug' | 'info' | 'silent') {
  const written: Record<string, unknown>[] = [];
  const log = createLog({
    level,
    pretty: false,
    destination: { write: (line: string) => void written.push(JSON.parse(line)) },
  });
  return { log, written };
}

describe('The log', () => {
  it('writes one object per line with level, time, message and fields', () => {
    const { log, written } = lines('info');
    log.child({ device: 'd1' }).warn('Camera lost', { camera: 'front', stampNs: 5n });
    expect(written).toEqual([
      {
        level: 'warn',
        time: expect.any(String),
        device: 'd1',
        camera: 'front',
        stampNs: '5',
        msg: 'Camera lost',
      },
    ]);
  });

  it('writes out what would steer the terminal of its reader, however deep it is', () => {
    const { log, written } = lines('info');
    const name = 'cam\u001b[2J\u009b\nforged';
    log.warn(name, { name, deep: { list: [{ name }] }, error: new MissingError('x', name, name) });
    expect(JSON.stringify(written)).not.toMatch(/\\u001b|\u009b/);
    expect(written[0]).toMatchObject({
      msg: 'cam\\x1b[2J\\x9b\\nforged',
      deep: { list: [{ name: 'cam\\x1b[2J\\x9b\\nforged' }] },
    });
  });

  it('shows an error with code, remedy and cause', () => {
    const { log, written } = lines('info');
    const error = new MissingError('ffmpeg-missing', 'No ffmpeg.', 'Install it.', {
      cause: new Error('ENOENT'),
    });
    log.error('No video', { error });
    expect(written[0]).toMatchObject({
      error: {
        code: 'ffmpeg-missing',
        message: 'No ffmpeg.',
        remedy: 'Install it.',
        cause: { message: 'ENOENT' },
      },
    });
  });

  it('never shows a secret', () => {
    const { log, written } = lines('info');
    log.info('Connecting', { user: 'd1', password: 'hunter2', broker: { password: 'hunter2' } });
    expect(JSON.stringify(written)).not.toContain('hunter2');
  });

  it('keeps below its level', () => {
    const { log, written } = lines('silent');
    log.error('Nobody hears this');
    expect(written).toEqual([]);
  });
});
