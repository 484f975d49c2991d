import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bufferAt, formatAt, fourcc, fourccCode, ioctls, sizes } from '../../../../device/v4l2/structs.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const can = existsSync('/usr/include/linux/videodev2.h') && spawnSync('cc', ['--version']).status === 0;

describe('The structs of V4L2', () => {
  it.skipIf(!can)(
    `are those of the kernel's header${can ? '' : ' (skipped: no cc or no linux/videodev2.h)'}`,
    () => {
      const folder = temporaryFolder();
      const structs = {
        format: 'v4l2_format',
        buffer: 'v4l2_buffer',
        control: 'v4l2_control',
        queryctrl: 'v4l2_queryctrl',
      };
      const fields: Record<string, [string, number]> = {
        index: ['v4l2_buffer, index', bufferAt.index],
        bytesused: ['v4l2_buffer, bytesused', bufferAt.bytesused],
        flags: ['v4l2_buffer, flags', bufferAt.flags],
        timestamp: ['v4l2_buffer, timestamp', bufferAt.seconds],
        sequence: ['v4l2_buffer, sequence', bufferAt.sequence],
        memory: ['v4l2_buffer, memory', bufferAt.memory],
        offset: ['v4l2_buffer, m', bufferAt.offset],
        length: ['v4l2_buffer, length', bufferAt.length],
        width: ['v4l2_format, fmt.pix.width', formatAt.width],
        pixelformat: ['v4l2_format, fmt.pix.pixelformat', formatAt.pixelformat],
        bytesperline: ['v4l2_format, fmt.pix.bytesperline', formatAt.bytesperline],
        caps: ['v4l2_capability, device_caps', 88],
        description: ['v4l2_fmtdesc, pixelformat', 44],
        rate: ['v4l2_streamparm, parm.capture.timeperframe', 12],
        least: ['v4l2_queryctrl, minimum', 40],
        discrete: ['v4l2_frmivalenum, discrete', 20],
        framesize: ['v4l2_frmsizeenum, discrete', 12],
      };
      const lines = [
        ...Object.keys(ioctls).map((name) => `printf("${name} %lu\\n", (unsigned long)VIDIOC_${name});`),
        ...Object.entries(structs).map(
          ([name, struct]) => `printf("${name} %zu\\n", sizeof(struct ${struct}));`,
        ),
        ...Object.entries(fields).map(
          ([name, [field]]) => `printf("${name} %zu\\n", offsetof(struct ${field}));`,
        ),
      ];
      const code = `#include <linux/videodev2.h>\n#include <stddef.h>\n#include <stdio.h>\nint main(void){${lines.join('\n')}}`;
      writeFileSync(join(folder, 'a.c'), code);
      execFileSync('cc', ['-o', join(folder, 'a'), join(folder, 'a.c')]);
      const said = Object.fromEntries(
        execFileSync(join(folder, 'a'), { encoding: 'utf8' })
          .trim()
          .split('\n')
          .map((line) => line.split(' ')),
      );
      const ours = {
        ...ioctls,
        ...Object.fromEntries(Object.keys(structs).map((name) => [name, sizes[name as keyof typeof sizes]])),
        ...Object.fromEntries(Object.entries(fields).map(([name, [, at]]) => [name, at])),
      };
      expect(ours).toEqual(
        Object.fromEntries(Object.entries(said).map(([name, value]) => [name, Number(value)])),
      );
    },
  );

  it('name formats by four letters', () => {
    expect(fourcc(fourccCode('YUYV'))).toBe('YUYV');
    expect(fourccCode('YUYV')).toBe(0x56595559);
  });
});
