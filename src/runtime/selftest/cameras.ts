import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../../base/index.ts';
import { installRemedy } from '../../platform/index.ts';
import { lastWords, runProgram } from './programs.ts';
import { absent, fails, type Trial, untried, works } from './trial.ts';

const inGroup = 'Add this user to the group video: sudo usermod -aG video $USER, then log in again.';
const frames = 5;
const waitMs = 15_000;

/** Every V4L2 camera: whether it may be opened, and whether pictures come. */
export async function tryCameras(root = '/'): Promise<readonly Trial[]> {
  const folder = join(root, 'sys/class/video4linux');
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => /^video\d+$/.test(name))
    .sort(byNumber);
  if (names.length === 0) {
    return [
      absent(
        'cameras',
        'V4L2',
        'no camera at /dev/video*',
        'Plug one in; a CSI camera needs its device tree overlay.',
      ),
    ];
  }
  const rows: Trial[] = [];
  for (const name of names) rows.push(await tryCamera(root, folder, name));
  return rows;
}

const byNumber = (a: string, b: string) => Number(a.slice('video'.length)) - Number(b.slice('video'.length));

async function tryCamera(root: string, folder: string, name: string): Promise<Trial> {
  const title = await readFile(join(folder, name, 'name'), 'utf8').catch(() => '');
  const index = await readFile(join(folder, name, 'index'), 'utf8').catch(() => '0');
  const row = `${name} ${title.trim()}`.trim();
  if (index.trim() !== '0') {
    return untried('cameras', row, 'metadata of the camera beside it', 'You need to do nothing.');
  }
  const device = join(root, 'dev', name);
  try {
    await access(device, constants.R_OK | constants.W_OK);
  } catch {
    return fails('cameras', row, `${device} may not be opened`, inGroup);
  }
  const args = ['-v', 'error', '-nostdin', '-f', 'v4l2', '-i', device];
  const beganMs = performance.now();
  const ran = await runProgram('ffmpeg', [...args, '-frames:v', String(frames), '-f', 'null', '-'], waitMs);
  if (ran === undefined) {
    return untried('cameras', row, 'it may be opened', `To see pictures come: ${installRemedy('ffmpeg')}`);
  }
  if (ran.code === 0) {
    const tookMs = performance.now() - beganMs;
    return works('cameras', row, `${counted(frames, 'picture')} in ${(tookMs / 1000).toFixed(1)} s`, {
      tookMs,
    });
  }
  const why =
    ran.code === -1 ? `no ${counted(frames, 'picture')} in ${waitMs / 1000} s` : lastWords(ran.stderr);
  return fails(
    'cameras',
    row,
    why,
    'Raw Bayer cameras (CSI) need their ISP: give the agent a ROS topic or a GStreamer source. Otherwise check v4l2-ctl --all, or try another cable.',
  );
}
