import { existsSync } from 'node:fs';
import { readdir, readFile, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, cpus, release, totalmem } from 'node:os';
import { installRemedy } from '../../platform/index.ts';
import { absent, broken, type Check, firstLineOf, ok } from './check.ts';

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

export async function checkNode(): Promise<Check> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return good
    ? ok('node', `Node.js ${process.versions.node}`)
    : broken('node', `Node.js ${process.versions.node}`, 'Install Node.js 20.19 or newer.');
}

export async function checkHardware(): Promise<Check> {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? 'unknown processor';
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(
    await readFile('/etc/os-release', 'utf8').catch(() => ''),
  )?.[1];
  return ok(
    'machine',
    `${system ?? 'Linux'}, kernel ${release()}, ${arch()}, ${cores.length} cores (${model}), ${gigabytes(totalmem())} memory`,
  );
}

export async function checkBoard(): Promise<Check> {
  const model = (await readFile('/proc/device-tree/model', 'utf8').catch(() => ''))
    .replaceAll('\0', '')
    .trim();
  const tegra = (await readFile('/etc/nv_tegra_release', 'utf8').catch(() => '')).split('\n')[0] ?? '';
  if (model === '' && tegra === '') {
    return absent(
      'board',
      'not a Jetson or another known board',
      'On a server or a laptop you need to do nothing.',
    );
  }
  return ok('board', [model, tegra].filter((part) => part !== '').join('; '));
}

export async function checkGpu(): Promise<Check> {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const gpu = await firstLineOf('nvidia-smi', query);
  if (gpu !== undefined && gpu !== '') return ok('gpu', gpu);
  if (existsSync('/dev/nvhost-gpu') || existsSync('/dev/nvgpu'))
    return ok('gpu', 'integrated GPU of a Jetson');
  return absent(
    'gpu',
    'no NVIDIA GPU found',
    'Networks run on the processor. On a GPU TensorRT is much faster.',
  );
}

export async function checkDisk(): Promise<Check> {
  const { bavail, bsize } = await statfs('.');
  const free = bavail * bsize;
  return free > 1e9
    ? ok('disk', `${gigabytes(free)} free in ${process.cwd()}`)
    : broken(
        'disk',
        `${gigabytes(free)} free in ${process.cwd()}`,
        'Make room: models and engines need about 1 GB.',
      );
}

export async function checkFfmpeg(): Promise<Check> {
  const line = await firstLineOf('ffmpeg', ['-hide_banner', '-version']);
  const probe = await firstLineOf('ffprobe', ['-hide_banner', '-version']);
  if (line === undefined || probe === undefined) {
    return absent(
      'ffmpeg',
      'not installed',
      `For video files as a source, and RTSP cameras where GStreamer is not there. ${installRemedy('ffmpeg')}`,
    );
  }
  return ok('ffmpeg', line.replace(/ Copyright.*/, ''));
}

export async function checkMosquitto(): Promise<Check> {
  // Debian puts it where only root's PATH leads; its help exits with 3.
  const program = existsSync('/usr/sbin/mosquitto') ? '/usr/sbin/mosquitto' : 'mosquitto';
  const line = await firstLineOf(program, ['-h'], [3]);
  return line === undefined
    ? absent(
        'mosquitto',
        'not installed',
        `The built-in broker serves small fleets. Above about 5,000 messages/s: ${installRemedy('mosquitto')}`,
      )
    : ok('mosquitto', line);
}

export async function checkRos(): Promise<Check> {
  const distributions = await readdir('/opt/ros').catch(() => []);
  const sourced = process.env.ROS_DISTRO;
  if (distributions.length === 0 && sourced === undefined) {
    return absent(
      'ros2',
      'not installed',
      'To read camera topics and publish detections: https://docs.ros.org (Humble, Jazzy or newer).',
    );
  }
  if (sourced === undefined) {
    const name = distributions[0] ?? '';
    return broken(
      'ros2',
      `${distributions.join(', ')} is there but not sourced`,
      `Run: source /opt/ros/${name}/setup.bash`,
    );
  }
  const client = resolvable('rclnodejs') ? 'with rclnodejs' : 'without rclnodejs';
  return ok('ros2', `${sourced}, ${process.env.RMW_IMPLEMENTATION ?? 'default middleware'}, ${client}`);
}

function resolvable(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
