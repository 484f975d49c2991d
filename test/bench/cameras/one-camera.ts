/* One RTSP camera through a source of ours in this process: milliseconds of processor time per frame, as JSON. */
import { readFileSync } from 'node:fs';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { superviseSource } from '../../../src/runtime/sources/open-source.ts';

const [url = '', wanted = '300'] = process.argv.slice(2);
const source = superviseSource(url, {
  ...{ camera: 'front', clock: new SystemClock(), random: Math.random },
  ...{ realtime: true, fps: 30, loop: false },
});

/** Of this process and, for ffmpeg, of its child, in ticks of 10 ms. */
function ticks(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(/\s+/);
  return ['self', ...children.filter((pid) => pid !== '')]
    .map((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(fields[11]) + Number(fields[12]);
    })
    .reduce((sum, one) => sum + one, 0);
}

let frames = 0;
let before = 0;
let first = 0;
await source.open({
  frame(frame) {
    frames += 1;
    if (frames === 30) {
      before = ticks();
      first = frame.sequence;
    }
    frame.pixels.release();
    const decoded = frame.sequence - first;
    if (frames <= 30 || decoded < Number(wanted)) return;
    console.log(JSON.stringify({ ms: ((ticks() - before) * 10) / decoded, taken: frames - 30, decoded }));
    process.exit(0);
  },
  fault(error) {
    console.error(error.message);
  },
  lost(error) {
    console.error(error.message);
  },
  end() {},
});
