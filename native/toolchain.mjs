// What of this machine the native parts are compiled with, for build.mjs.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const isFile = (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

export function onPath(program) {
  if (program.includes('/')) return isFile(program) ? program : undefined;
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    if (folder !== '' && isFile(path.join(folder, program))) return path.join(folder, program);
  }
  return undefined;
}

export function folderWith(file, folders) {
  return folders.find((folder) => folder !== undefined && folder !== '' && isFile(path.join(folder, file)));
}

function cudaFolders() {
  const named = process.env.GOSHAWK_CUDA_HOME ?? process.env.CUDA_HOME;
  const local = fs.existsSync('/usr/local')
    ? fs
        .readdirSync('/usr/local')
        .filter((name) => /^cuda(-[\d.]+)?$/.test(name))
        .sort((a, b) => a.length - b.length || b.localeCompare(a, undefined, { numeric: true }))
        .map((name) => path.join('/usr/local', name))
    : [];
  return [...(named === undefined ? [] : [named]), ...local, '/usr/lib/cuda'];
}

/** Debian's name of a processor, in folders and before cross tools. */
export function tripleOf(arch) {
  return arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
}

/** Folders of ROS 2: those that were sourced, then what is installed, the newest name first. */
export function rosFolders({ env = process.env, root = '/' } = {}) {
  const sourced = (env.AMENT_PREFIX_PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const installed = path.join(root, 'opt/ros');
  const names = fs.existsSync(installed) ? fs.readdirSync(installed).sort().reverse() : [];
  return [...new Set([...sourced, ...names.map((name) => path.join(installed, name))])];
}

/** Include folders where the headers of a middleware may be. */
function includeFolders(named, { env = process.env, root = '/' }) {
  const usual = ['usr/include', 'usr/local/include'].map((folder) => path.join(root, folder));
  const ros = rosFolders({ env, root }).flatMap((folder) => {
    const include = path.join(folder, 'include');
    return [include, path.join(include, 'cyclonedds')];
  });
  return [named, ...usual, ...ros].filter((folder) => folder !== undefined && folder !== '');
}

/**
 * The folder of a library that belongs to an include folder; undefined where the linker looks anyway. What is linked from
 * elsewhere must also be found there when it runs.
 */
export function libraryFolder(include, library, { arch = process.arch, root = '/' } = {}) {
  let prefix = path.resolve(include, '..');
  if (path.basename(prefix) === 'include') prefix = path.dirname(prefix);
  if (prefix === path.resolve(root, 'usr')) return undefined;
  const folders = [
    path.join(prefix, 'lib', tripleOf(arch)),
    path.join(prefix, 'lib'),
    path.join(prefix, 'lib64'),
  ];
  return folderWith(library, folders);
}

/** Its addon is written against the inner headers of 0.10, which have other names and shapes before and after. */
const cycloneVersion = { major: 0, minor: 10 };

/** `include`, `library` (see `libraryFolder`) and `version`; or `problem`, in words; or undefined: not here. */
export function cycloneDds(place = {}) {
  const { env = process.env } = place;
  const file = 'dds/ddsi/ddsi_serdata.h';
  const folders = includeFolders(env.GOSHAWK_CYCLONEDDS_INCLUDE, place);
  const found = folders.filter((folder) => isFile(path.join(folder, file)));
  for (const include of found) {
    const [, major, minor] =
      versionIn(path.join(include, 'dds/version.h'), /DDS_VERSION "(\d+)\.(\d+)/) ?? [];
    if (Number(major) === cycloneVersion.major && Number(minor) === cycloneVersion.minor) {
      return { include, library: libraryFolder(include, 'libddsc.so', place) };
    }
  }
  const [first] = found;
  if (first === undefined) return undefined;
  const version =
    versionIn(path.join(first, 'dds/version.h'), /DDS_VERSION "([^"]+)"/)?.[1] ?? 'of no known version';
  return { problem: `Cyclone DDS ${version} in ${first} is not 0.10, whose inner headers the addon needs` };
}

/** What of each version says that it is here, how it says which it is, and its library. */
const fastDdsVersions = [
  { major: 3, file: 'fastdds/rtps/RTPSDomain.hpp', config: 'fastdds/config.hpp', library: 'libfastdds.so' },
  { major: 2, file: 'fastdds/rtps/RTPSDomain.h', config: 'fastrtps/config.h', library: 'libfastrtps.so' },
];

/** Those of ROS 2 Humble and Jazzy. Other 2.x have other members in the same structures. */
const fastDds2 = ['2.6', '2.14'];

/** `major`, `version` and `library` of the Fast DDS whose headers a folder has. */
function fastDdsIn(include, arch = process.arch) {
  for (const { major, file, config, library } of fastDdsVersions) {
    if (!isFile(path.join(include, file))) continue;
    // Debian has what is made by a build with each processor's headers.
    const made = folderWith(config, [
      include,
      path.join(include, tripleOf(arch)),
      path.join(include, tripleOf(process.arch)),
    ]);
    const version = versionIn(path.join(made ?? include, config), /VERSION_STR "([^"]+)"/)?.[1];
    return { major, version: version ?? `${major}.x`, library };
  }
  return undefined;
}

/** Fast DDS 3, 2.14 or 2.6. As `cycloneDds`, and which it is. */
export function fastDds(place = {}) {
  const { env = process.env } = place;
  const found = includeFolders(env.GOSHAWK_FASTDDS_INCLUDE, place)
    .map((include) => ({ include, ...fastDdsIn(include, place.arch) }))
    .filter(({ major }) => major !== undefined);
  const fits = found.find(({ version }) =>
    ['3', ...fastDds2].some((begin) => version.startsWith(`${begin}.`)),
  );
  if (fits !== undefined) {
    const { include, major, version, library } = fits;
    return { include, major, version, library: libraryFolder(include, library, place) };
  }
  const [first] = found;
  if (first === undefined) return undefined;
  return {
    problem: `Fast DDS ${first.version} in ${first.include} is neither ${fastDds2.join(', ')} nor 3, which the addon is written for`,
  };
}

/** A portable addon names a library alone: that of Debian 13, whose name has the first two numbers of its version. */
export function portableFastDds(found) {
  if (found?.version === undefined || found.version.startsWith('3.1.')) return found;
  return {
    problem: `Fast DDS ${found.version} in ${found.include} is not 3.1, which a package is built with`,
  };
}

/**
 * Include folders of GStreamer 1 with its app and video libraries, and of GLib, whose configuration lies with the
 * libraries of a processor; undefined: not here.
 */
export function gstreamerIncludes({ arch = process.arch, env = process.env, root = '/' } = {}) {
  const usr = path.join(root, 'usr');
  const gstreamer = folderWith('gst/app/gstappsink.h', [
    env.GOSHAWK_GSTREAMER_INCLUDE,
    path.join(usr, 'include/gstreamer-1.0'),
    path.join(usr, 'local/include/gstreamer-1.0'),
  ]);
  const glib = folderWith('glib.h', [
    path.join(usr, 'include/glib-2.0'),
    path.join(usr, 'local/include/glib-2.0'),
  ]);
  const configuration = folderWith(
    'glibconfig.h',
    // Another 64-bit processor's is the same as ours.
    ['lib', 'local/lib'].flatMap((lib) => [
      path.join(usr, lib, tripleOf(arch), 'glib-2.0/include'),
      path.join(usr, lib, tripleOf(process.arch), 'glib-2.0/include'),
      path.join(usr, lib, 'glib-2.0/include'),
    ]),
  );
  const found = [gstreamer, glib, configuration].filter((folder) => folder !== undefined);
  return found.length === 3 && isFile(path.join(found[0], 'gst/video/video.h')) ? found : undefined;
}

function versionIn(file, pattern) {
  return isFile(file) ? (pattern.exec(fs.readFileSync(file, 'utf8')) ?? undefined) : undefined;
}

/** Where TensorRT's headers are; undefined: not here. */
export function tensorrtFolder(arch = process.arch) {
  return folderWith('NvInfer.h', [
    process.env.GOSHAWK_TENSORRT_INCLUDE,
    `/usr/include/${tripleOf(arch)}`,
    '/usr/include',
    '/usr/local/tensorrt/include',
  ]);
}

export function cudaIncludeFolder() {
  return folderWith('cuda.h', [
    ...cudaFolders().map((folder) => path.join(folder, 'include')),
    '/usr/include',
  ]);
}

export function findNvcc() {
  return (
    onPath('nvcc') ??
    cudaFolders()
      .map((folder) => path.join(folder, 'bin/nvcc'))
      .find(isFile)
  );
}

/** How nvcc compiles the letterbox for the GPUs of GOSHAWK_CUDA_ARCHS (Xavier, Orin, Thor) that it knows; or `problem`, in words. */
export function kernelArguments(nvcc, source, target) {
  const wanted = (process.env.GOSHAWK_CUDA_ARCHS || '72;87;110')
    .split(';')
    .filter((arch) => /^\d+$/.test(arch));
  const listed = spawnSync(nvcc, ['--list-gpu-code'], { cwd: source, encoding: 'utf8' }).stdout ?? '';
  const archs = wanted.filter((arch) => listed.includes(`sm_${arch}`));
  if (archs.length === 0) {
    return { problem: `this nvcc knows none of sm_${wanted.join(', sm_')}` };
  }
  const args = [
    '--fatbin',
    '-O3',
    '-std=c++17',
    ...archs.flatMap((arch) => ['-gencode', `arch=compute_${arch},code=sm_${arch}`]),
    // The oldest one as PTX too, which newer GPUs compile for themselves.
    '-gencode',
    `arch=compute_${archs[0]},code=compute_${archs[0]}`,
    path.join(source, 'plugins/tensorrt/letterbox.cu'),
    '-o',
    target,
  ];
  return { args, archs };
}

/** Runs a program to its end: whether it went well, what it said, and the line of that which says why not. */
export async function run(program, args, { cwd }) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => said.push(bytes));
  let problem;
  child.on('error', (error) => {
    problem = error.message;
  });
  const [status, signal] = await new Promise((resolve) => child.on('close', (...how) => resolve(how)));
  const output = Buffer.concat(said).toString();
  return {
    ok: status === 0,
    output,
    reason: firstError(output) ?? problem ?? `${program} ended with ${signal ?? status}`,
  };
}

/** The line that says why, for a person; the whole output goes to build/build.log. */
function firstError(output) {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /\b(fatal )?error\b/i.test(line)) ?? lines.filter((line) => line !== '').at(-1);
}
