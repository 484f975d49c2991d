#!/usr/bin/env node
// Builds the native data plane where a compiler is at hand, and says in words what was built, what was not, and what to
// install for the rest. Goshawk runs without it (onnxruntime-node in a worker thread), so no compiler is no failure.
//
//   node native/build.mjs [--required] [--force] [--portable] [--arch=x64|arm64]
//
//   --required  exit status 1 unless the addon was built
//   --force     build again although nothing changed
//   --portable  for machines with an older C library than this one (see portable.h); without TensorRT, which is built
//               on the board, and without the fake engine of the tests
//   --arch      build for that processor, with its cross compiler where it is another one
//
// Settings: CXX, npm_config_nodedir (Node's headers), GOSHAWK_ONNXRUNTIME_INCLUDE, GOSHAWK_TENSORRT_INCLUDE,
// GOSHAWK_CYCLONEDDS_INCLUDE, GOSHAWK_FASTDDS_INCLUDE, GOSHAWK_GSTREAMER_INCLUDE, GOSHAWK_CUDA_HOME, GOSHAWK_CUDA_ARCHS (e.g. "72;87;110").
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {
  cudaIncludeFolder,
  cycloneDds,
  fastDds,
  findNvcc,
  folderWith,
  gstreamerIncludes,
  isFile,
  kernelArguments,
  onPath,
  portableFastDds,
  run,
  tensorrtFolder,
  tripleOf,
} from './toolchain.mjs';

const here = import.meta.dirname;
const buildFolder = path.join(here, 'build');
/** What native/index.ts loads from: complete files only, each put in place by a rename. */
const outFolder = path.join(buildFolder, 'out');
const reportPath = path.join(buildFolder, 'report.json');
const flags = new Set(process.argv.slice(2));
const portable = flags.has('--portable');
const arch = process.argv.find((flag) => flag.startsWith('--arch='))?.slice('--arch='.length) ?? process.arch;

// A reader that has gone (`| head`) is no reason to fail.
process.stdout.on('error', () => {});
const say = (line) => process.stdout.write(`${line}\n`);

function findNodeGyp() {
  const require = createRequire(import.meta.url);
  try {
    return require.resolve('node-gyp/bin/node-gyp.js');
  } catch {
    // Not a dependency of the project: npm carries one.
  }
  const npm = process.env.npm_execpath ?? onPath('npm');
  const candidates = [
    npm && path.resolve(fs.realpathSync(npm), '../..'),
    path.resolve(process.execPath, '../../lib/node_modules/npm'),
    '/usr/share/nodejs/npm',
  ];
  for (const folder of candidates) {
    const file = folder && path.join(folder, 'node_modules/node-gyp/bin/node-gyp.js');
    if (file && isFile(file)) return file;
  }
  return isFile('/usr/share/nodejs/node-gyp/bin/node-gyp.js')
    ? '/usr/share/nodejs/node-gyp/bin/node-gyp.js'
    : undefined;
}

function nodeAddonApi() {
  const require = createRequire(import.meta.url);
  try {
    return path.dirname(require.resolve('node-addon-api/package.json'));
  } catch {
    return undefined;
  }
}

/** Where this machine already has Node's headers; undefined: node-gyp fetches them. */
function nodeFolder() {
  if (process.env.npm_config_nodedir) return process.env.npm_config_nodedir;
  const prefix = path.resolve(fs.realpathSync(process.execPath), '../..');
  return isFile(path.join(prefix, 'include/node/node_api.h')) ? prefix : undefined;
}

function look() {
  const triple = tripleOf(arch);
  return {
    compiler:
      process.env.CXX ??
      (arch === process.arch ? (onPath('g++') ?? onPath('clang++')) : onPath(`${triple}-g++`)),
    make: onPath('make'),
    python: onPath('python3'),
    nodeGyp: findNodeGyp(),
    nodeAddonApi: nodeAddonApi(),
    nodeFolder: nodeFolder(),
    onnxruntime: folderWith('onnxruntime_c_api.h', [
      process.env.GOSHAWK_ONNXRUNTIME_INCLUDE,
      '/usr/include/onnxruntime',
      '/usr/include/onnxruntime/core/session',
      '/usr/local/include/onnxruntime',
      '/usr/local/include',
    ]),
    tensorrt: tensorrtFolder(arch),
    cyclonedds: cycloneDds({ arch }),
    fastdds: fastDds({ arch }),
    gstreamer: gstreamerIncludes({ arch }),
    cudaInclude: cudaIncludeFolder(),
    nvcc: findNvcc(),
  };
}

/** Everything the result depends on; same fingerprint, same result. */
function fingerprint(found) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([found, process.version, arch, portable, process.env.GOSHAWK_CUDA_ARCHS ?? '']));
  for (const folder of ['src', 'plugins']) {
    const files = fs.readdirSync(path.join(here, folder), { recursive: true, withFileTypes: true });
    for (const name of files
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
      .sort()) {
      hash.update(name.slice(here.length)).update(fs.readFileSync(name));
    }
  }
  for (const file of ['binding.gyp', 'build.mjs', 'toolchain.mjs'])
    hash.update(fs.readFileSync(path.join(here, file)));
  return hash.digest('hex');
}

function place(from, name) {
  fs.mkdirSync(outFolder, { recursive: true });
  const temporary = path.join(outFolder, `.${name}.${process.pid}`);
  fs.copyFileSync(from, temporary);
  fs.renameSync(temporary, path.join(outFolder, name));
}

function remove(name) {
  fs.rmSync(path.join(outFolder, name), { force: true });
}

const compiled = (name, detail) => ({ name, state: 'compiled', detail, remedy: '' });
const skipped = (name, detail, remedy) => ({ name, state: 'skipped', detail, remedy });
const failed = (name, detail, remedy) => ({ name, state: 'failed', detail, remedy });

/** Why nothing can be built here, or undefined. */
function obstacle(found) {
  const cross = arch === 'arm64' ? 'g++-aarch64-linux-gnu' : 'g++-x86-64-linux-gnu';
  const packages = `On Debian or Ubuntu: sudo apt-get install ${arch === process.arch ? 'g++' : cross} make python3`;
  if (found.compiler === undefined) return ['there is no C++ compiler', packages];
  if (found.make === undefined) return ['there is no make', packages];
  if (found.python === undefined) return ['there is no python3, which node-gyp needs', packages];
  if (found.nodeGyp === undefined) return ['there is no node-gyp', 'Install npm, which brings it.'];
  if (found.nodeAddonApi === undefined) {
    return ['the package node-addon-api is not installed', 'npm install node-addon-api'];
  }
  return undefined;
}

/**
 * Libraries that the machine has which the addon will run on, and this one need not have for its processor: linked
 * against empty ones of the same name. Undefined, or why not.
 */
function stubLibraries(compiler) {
  const folder = path.join(buildFolder, 'stubs');
  fs.mkdirSync(folder, { recursive: true });
  for (const [file, soname] of Object.entries(debianLibraries)) {
    const args = ['-shared', '-nostdlib', `-Wl,-soname,${soname}`, '-x', 'c++', os.devNull];
    const result = run(compiler, [...args, '-o', path.join(folder, file)], { cwd: here });
    if (!result.ok) return `${file}: ${result.reason}`;
  }
  return undefined;
}

/** What Debian 13 calls the libraries whose headers it has. */
const debianLibraries = {
  'libddsc.so': 'libddsc.so.0debian',
  'libfastdds.so': 'libfastdds.so.3.1',
  'libfastcdr.so': 'libfastcdr.so.2',
  'libgstapp-1.0.so': 'libgstapp-1.0.so.0',
  'libgstallocators-1.0.so': 'libgstallocators-1.0.so.0',
  'libgstvideo-1.0.so': 'libgstvideo-1.0.so.0',
  'libgstreamer-1.0.so': 'libgstreamer-1.0.so.0',
  'libgobject-2.0.so': 'libgobject-2.0.so.0',
  'libglib-2.0.so': 'libglib-2.0.so.0',
};

class Builder {
  #found;
  #log = '';
  #ready = false;
  #env;

  constructor(found) {
    this.#found = found;
    this.#env = found.compiler === undefined ? {} : { CXX: found.compiler };
  }

  get log() {
    return this.#log;
  }

  #gyp(args) {
    const result = run(process.execPath, [this.#found.nodeGyp, ...args], { cwd: here, env: this.#env });
    this.#log += `\n$ node-gyp ${args.join(' ')}\n${result.output}`;
    return result;
  }

  /** Undefined, or why not. */
  configure() {
    const found = this.#found;
    const variables = {
      node_addon_api_include: found.nodeAddonApi,
      onnxruntime_include: found.onnxruntime ?? '',
      tensorrt_include: found.tensorrt ?? '',
      cuda_include: found.cudaInclude ?? '',
      cyclonedds_include: found.cyclonedds?.include ?? '',
      fastdds_include: found.fastdds?.include ?? '',
      fastdds_major: found.fastdds?.major ?? 3,
      gstreamer_includes: (found.gstreamer ?? []).join(' '),
      // A portable build is linked against names alone.
      cyclonedds_library: portable ? '' : (found.cyclonedds?.library ?? ''),
      fastdds_library: portable ? '' : (found.fastdds?.library ?? ''),
      portable: portable ? 1 : 0,
      // Debian puts a library's generated headers into its processor's folder; a cross compiler looks into another one.
      fallback_include: arch === process.arch ? '' : `/usr/include/${tripleOf(process.arch)}`,
    };
    const result = this.#gyp([
      'configure',
      `--arch=${arch}`,
      ...(found.nodeFolder === undefined ? [] : [`--nodedir=${found.nodeFolder}`]),
      '--',
      ...Object.entries(variables).map(([name, value]) => `-D${name}=${value}`),
    ]);
    this.#ready = result.ok;
    return result.ok ? undefined : result.reason;
  }

  target(name, outName, detail) {
    const target = name === 'addon' ? 'goshawk' : `goshawk_${name}`;
    const problem = this.#make(name, target, `${target}.node`, outName);
    return problem ?? compiled(name, detail);
  }

  /** The plugin that runs another one in a process of its own, and that process's program. */
  isolation() {
    const name = 'isolation';
    const problem =
      this.#make(name, 'goshawk_isolated', 'goshawk_isolated.node', 'goshawk_isolated.so') ??
      this.#make(name, 'goshawk_engine_host', 'goshawk_engine_host', 'goshawk-engine-host');
    return problem ?? compiled(name, 'engines in processes of their own');
  }

  /** Undefined, or what went wrong. */
  #make(name, target, made, outName) {
    if (!this.#ready) return failed(name, 'node-gyp could not be set up', 'Read native/build/build.log.');
    const jobs = String(Math.max(1, Math.min(os.availableParallelism(), 8)));
    const result = this.#gyp(['build', target, '--jobs', jobs]);
    if (!result.ok) {
      remove(outName);
      return failed(name, `it does not compile: ${result.reason}`, 'Read native/build/build.log.');
    }
    place(path.join(buildFolder, 'Release', made), outName);
    return undefined;
  }

  cudaKernel() {
    const { nvcc } = this.#found;
    const name = 'letterbox.fatbin';
    if (nvcc === undefined) {
      remove(name);
      return skipped('cuda letterbox', 'there is no nvcc', 'Install the CUDA toolkit (JetPack brings it).');
    }
    const target = path.join(buildFolder, name);
    const kernel = kernelArguments(nvcc, here, target);
    if (kernel.problem !== undefined)
      return skipped('cuda letterbox', kernel.problem, 'Set GOSHAWK_CUDA_ARCHS.');
    const { args, archs } = kernel;
    const result = run(nvcc, args, { cwd: here });
    this.#log += `\n$ nvcc ${args.join(' ')}\n${result.output}`;
    if (!result.ok)
      return failed(
        'cuda letterbox',
        `it does not compile: ${result.reason}`,
        'Read native/build/build.log.',
      );
    place(target, name);
    return compiled('cuda letterbox', `for sm_${archs.join(', sm_')}`);
  }
}

function buildAll(found) {
  const why = obstacle(found);
  if (why) return [skipped('addon', why[0], why[1])];
  const builder = new Builder(found);
  fs.mkdirSync(buildFolder, { recursive: true });
  const problem = (portable ? stubLibraries(found.compiler) : undefined) ?? builder.configure();
  const items =
    problem === undefined
      ? targets(builder, found)
      : [failed('addon', `node-gyp could not be set up: ${problem}`, 'Read native/build/build.log.')];
  fs.writeFileSync(path.join(buildFolder, 'build.log'), builder.log);
  return items;
}

function targets(builder, found) {
  // What is not made again must not stay behind from an earlier build.
  if (found.onnxruntime === undefined) remove('goshawk_onnxruntime.so');
  if (portable || found.tensorrt === undefined || found.cudaInclude === undefined) {
    remove('goshawk_tensorrt.so');
  }
  const items = [builder.target('addon', 'goshawk.node', `with ${found.compiler}`), builder.isolation()];
  if (!portable)
    items.push(builder.target('reference', 'goshawk_reference.so', 'the fake engine of the tests'));
  items.push(
    found.onnxruntime === undefined
      ? skipped(
          'onnxruntime',
          'onnxruntime_c_api.h was not found',
          "On Debian 13: sudo apt-get install libonnxruntime-dev; elsewhere unpack ONNX Runtime's release archive and set GOSHAWK_ONNXRUNTIME_INCLUDE to its include folder.",
        )
      : builder.target('onnxruntime', 'goshawk_onnxruntime.so', `against ${found.onnxruntime}`),
  );
  if (portable) {
    items.push(
      skipped('tensorrt', 'it is compiled on the board, against its TensorRT', 'sudo goshawk native build'),
    );
  } else if (found.tensorrt === undefined || found.cudaInclude === undefined) {
    const missing = found.tensorrt === undefined ? 'NvInfer.h' : 'cuda.h';
    items.push(
      skipped(
        'tensorrt',
        `${missing} was not found`,
        'On a Jetson: sudo apt-get install nvidia-jetpack; or set GOSHAWK_TENSORRT_INCLUDE and GOSHAWK_CUDA_HOME.',
      ),
    );
  } else {
    items.push(builder.target('tensorrt', 'goshawk_tensorrt.so', `against ${found.tensorrt}`));
  }
  items.push(
    ddsItem(
      builder,
      { name: 'dds', file: 'goshawk_dds.node', found: found.cyclonedds, product: 'Cyclone DDS' },
      'ROS 2 without a ROS installation needs them. On Debian 13: sudo apt-get install cyclonedds-dev; with ROS 2: sudo apt-get install ros-$ROS_DISTRO-cyclonedds; elsewhere build Cyclone DDS 0.10 and set GOSHAWK_CYCLONEDDS_INCLUDE.',
    ),
    ddsItem(
      builder,
      {
        name: 'fastdds',
        file: 'goshawk_fastdds.node',
        found: portable ? portableFastDds(found.fastdds) : found.fastdds,
        product: 'Fast DDS',
      },
      'Pictures of a Fast DDS camera come through shared memory with them. On Debian 13: sudo apt-get install libfastdds-dev; with ROS 2 Humble or Jazzy: sudo apt-get install ros-$ROS_DISTRO-fastrtps, and source it; elsewhere build Fast DDS 3, 2.14 or 2.6 and set GOSHAWK_FASTDDS_INCLUDE.',
    ),
  );
  items.push(gstreamerItem(builder, found));
  if (!portable) items.push(builder.cudaKernel());
  return items;
}

/** The addon for one middleware: where its headers are missing, or are of a version that it is not written for, it is skipped. */
function ddsItem(builder, { name, file, found, product }, remedy) {
  if (found?.include !== undefined) {
    const which = found.version === undefined ? '' : `${product} ${found.version} in `;
    return builder.target(name, file, `against ${which}${found.include}`);
  }
  remove(file);
  return skipped(name, found?.problem ?? `the headers of ${product} were not found`, remedy);
}

function gstreamerItem(builder, found) {
  if (found.gstreamer !== undefined)
    return builder.target('gstreamer', 'goshawk_gstreamer.node', `against ${found.gstreamer[0]}`);
  remove('goshawk_gstreamer.node');
  return skipped(
    'gstreamer',
    'the headers of GStreamer were not found',
    'Network cameras take less of the processor with it; without it they are read through ffmpeg. On Debian or Ubuntu: sudo apt-get install libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev.',
  );
}

/** What stands in the report until a build comes to its end, and for ever where it was ended before. */
function interrupted() {
  const parts = [
    'addon',
    'isolation',
    'reference',
    'onnxruntime',
    'tensorrt',
    'dds',
    'fastdds',
    'gstreamer',
    'cuda letterbox',
  ];
  return parts.map((name) => failed(name, 'its build was interrupted', 'Run the build again.'));
}

function writeReport(report) {
  fs.mkdirSync(buildFolder, { recursive: true });
  fs.writeFileSync(`${reportPath}.new`, `${JSON.stringify(report, undefined, 2)}\n`);
  fs.renameSync(`${reportPath}.new`, reportPath);
}

function print(items) {
  for (const { name, state, detail, remedy } of items) {
    say(`  ${name.padEnd(15)} ${state}: ${detail}.${remedy === '' ? '' : ` ${remedy}`}`);
  }
  if (items[0].state !== 'compiled') {
    say(
      '  Goshawk runs without it: onnxruntime-node in a worker thread, with letterbox and NMS in TypeScript.',
    );
    say('  With it, a frame costs less time outside the network, and TensorRT engines can be used.');
  }
}

function main() {
  const found = look();
  const mark = fingerprint(found);
  const before = isFile(reportPath) ? JSON.parse(fs.readFileSync(reportPath, 'utf8')) : undefined;
  const fresh =
    !flags.has('--force') && before?.fingerprint === mark && isFile(path.join(outFolder, 'goshawk.node'));
  const about = { node: process.version, arch: process.arch };
  if (!fresh) writeReport({ ...about, items: interrupted() });
  const items = fresh ? before.items : buildAll(found);
  if (!fresh) writeReport({ fingerprint: mark, ...about, items });
  say(fresh ? 'Native data plane: nothing changed.' : 'Native data plane:');
  print(items);
  return flags.has('--required') && items[0].state !== 'compiled' ? 1 : 0;
}

process.exitCode = main();
