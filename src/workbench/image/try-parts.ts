import { readFile } from 'node:fs/promises';
import { MissingError } from '../../base/index.ts';
import { missingParts, type PartName, type SettingsOfParts, type TriedParts } from '../../image/index.ts';
import { inRoot } from './root-tree.ts';
import type { RunOptions } from './tools.ts';

const program = '/usr/lib/goshawk-agent';
const out = `${program}/native/build/out`;
const files: Readonly<Record<PartName, string>> = {
  plane: `${out}/goshawk.node`,
  onnxruntime: `${out}/goshawk_onnxruntime.so`,
  isolated: `${out}/goshawk-engine-host`,
  tensorrt: `${out}/goshawk_tensorrt.so`,
  cyclone: `${out}/goshawk_dds.node`,
  fastdds: `${out}/goshawk_fastdds.node`,
  gstreamer: `${out}/goshawk_gstreamer.node`,
  ffmpeg: '/usr/bin/ffmpeg',
};

/** Of one part, by the board's own Node: addons are loaded, programs started, and of a plugin the libraries are there. */
const script = `
const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const tried = {};
const [message] = process.argv.slice(1);
for (const [part, file] of Object.entries(JSON.parse(message))) {
  try {
    if (!existsSync(file)) throw new Error(file + ' is not there');
    if (file.endsWith('.node')) execFileSync(process.execPath, ['-e', 'process.dlopen({exports:{}}, process.argv[1])', file], { stdio: 'pipe' });
    else if (part === 'ffmpeg') execFileSync(file, ['-version'], { stdio: 'pipe' });
    tried[part] = '';
  } catch (error) {
    const lines = String(error.stderr ?? error.message ?? error).split('\\n');
    tried[part] = (lines.find((line) => /Error: /.test(line)) ?? lines[0]).replace(/^.*Error: /, '').slice(0, 200);
  }
}
console.log(JSON.stringify(tried));`;

/** Runs in the root what the board would run. */
export async function tryParts(root: string, ports: RunOptions): Promise<TriedParts> {
  const text = await inRoot(root, [`${program}/bin/node`, '-e', script, JSON.stringify(files)], ports);
  return JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as TriedParts;
}

/** Refuses an image whose board could not do what its settings say. */
export async function expectParts(tried: TriedParts, settingsFile: string): Promise<void> {
  const settings = JSON.parse(await readFile(settingsFile, 'utf8')) as SettingsOfParts;
  const missing = missingParts(settings, tried);
  if (missing.length === 0) return;
  throw new MissingError(
    'image-part-missing',
    `A board with this image can't follow ${settingsFile}: ${missing.map(({ problem }) => problem).join('. ')}.`,
    `You can install no packages on the board, so do it now: ${[...new Set(missing.map(({ remedy }) => remedy))].join('; ')}.`,
  );
}
