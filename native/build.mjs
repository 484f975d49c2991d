#!/usr/bin/env node
// Builds the native data plane where a compiler is at hand, and says in words what was built, what was not, and what to
// install for the rest. Goshawk runs without it (onnxruntime-node in a worker thread), so no compiler is no failure.
//
//   node native/build.mjs [--required] [--force] [--portable] [--arch=x64|arm64] [--board=FOLDER]
//
//   --required  exit status 1 unless the addon was built
//   --force     build again although nothing changed
//   --portable  for machines with an older C library than this one (see portable.h); without TensorRT, which is built
//               on the board, and without the fake engine of the tests
//   --arch      build for that processor, with its cross compiler where it is another one
//   --board     on the machine of an installed package: into that folder what depends on the machine's own libraries
//               (TensorRT, DDS, GStreamer). Exit status 4: there was nothing to build it with
//
// Settings: CXX, GOSHAWK_ONNXRUNTIME_INCLUDE, GOSHAWK_TENSORRT_INCLUDE, GOSHAWK_CYCLONEDDS_INCLUDE,
// GOSHAWK_FASTDDS_INCLUDE, GOSHAWK_GSTREAMER_INCLUDE, GOSHAWK_CUDA_HOME, GOSHAWK_CUDA_ARCHS (e.g. "72;87;110").
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Compiler, stubLibraries } from './compile.mjs';
import { compiled, failed, parts, skipped } from './parts.mjs';
import { targets } from './targets.mjs';
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
const flags = new Set(process.argv.slice(2));
const settingOf = (flag) => process.argv.find((each) => each.startsWith(`${flag}=`))?.slice(flag.length + 1);
const portable = flags.has('--portable');
const board = settingOf('--board');
const arch = settingOf('--arch') ?? process.arch;
/** What native/index.ts loads from: complete files only, each put in place by a rename. */
const outFolder = board ?? path.join(here, 'build/out');
const reportPath = path.join(board ?? path.join(here, 'build'), 'report.json');

// A reader that has gone (`| head`) is no reason to fail.
process.stdout.on('error', () => {});
const say = (line) => process.stdout.write(`${line}\n`);

/** The folder of an npm package of ours, or undefined. */
function folderOf(name) {
  try {
    return path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

function look() {
  const headers = folderOf('node-api-headers');
  return {
    compiler:
      process.env.CXX ??
      (arch === process.arch ? (onPath('g++') ?? onPath('clang++')) : onPath(`${tripleOf(arch)}-g++`)),
    nodeAddonApi: folderOf('node-addon-api'),
    nodeHeaders: headers && path.join(headers, 'include'),
    onnxruntime: folderWith('onnxruntime_c_api.h', [
      process.env.GOSHAWK_ONNXRUNTIME_INCLUDE,
      '/usr/include/onnxruntime',
      '/usr/include/onnxruntime/core/session',
      '/usr/local/include/onnxruntime',
      '/usr/local/include',
    ]),
    tensorrt: tensorrtFolder(arch),
    cyclonedds: linkedByName(cycloneDds({ arch })),
    fastdds: linkedByName(portable ? portableFastDds(fastDds({ arch })) : fastDds({ arch })),
    gstreamer: gstreamerIncludes({ arch }),
    cudaInclude: cudaIncludeFolder(),
    nvcc: findNvcc(),
  };
}

/** A portable build is linked against names alone. */
const linkedByName = (found) => (portable && found !== undefined ? { ...found, library: undefined } : found);

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
  for (const file of ['targets.mjs', 'parts.mjs', 'compile.mjs', 'build.mjs', 'toolchain.mjs'])
    hash.update(fs.readFileSync(path.join(here, file)));
  return hash.digest('hex');
}

/** A program that runs has the old file mapped: a new one takes its name. */
function place(from, name) {
  fs.mkdirSync(outFolder, { recursive: true });
  const temporary = path.join(outFolder, `.${name}.${process.pid}`);
  fs.copyFileSync(from, temporary);
  fs.renameSync(temporary, path.join(outFolder, name));
}

/** What is not made again must not stay behind from an earlier build; on a board it may be all there is. */
function remove(name) {
  if (board === undefined) fs.rmSync(path.join(outFolder, name), { force: true });
}

const log = () => path.join(path.dirname(reportPath), 'build.log');

/** Why nothing can be built here, or undefined. */
function obstacle(found) {
  const cross = arch === 'arm64' ? 'g++-aarch64-linux-gnu' : 'g++-x86-64-linux-gnu';
  if (found.compiler === undefined) {
    const debian = `On Debian or Ubuntu: sudo apt-get install ${arch === process.arch ? 'g++' : cross}`;
    return ['there is no C++ compiler', debian];
  }
  if (found.nodeAddonApi === undefined || found.nodeHeaders === undefined) {
    const missing = found.nodeAddonApi === undefined ? 'node-addon-api' : 'node-api-headers';
    return [`the npm package ${missing} is not installed`, `npm install ${missing}`];
  }
  return undefined;
}

class Builder {
  #found;
  #compiler;
  #work;

  constructor(found, compiler, work) {
    this.#found = found;
    this.#compiler = compiler;
    this.#work = work;
  }

  /** Nothing of that name stays behind from an earlier build. */
  leaveOut(file, item) {
    remove(file);
    return item;
  }

  /** Compiles targets, which are one part of the report. */
  async part(name, detail, ...names) {
    for (const target of names.map((each) => targets[each](this.#found))) {
      const { file, problem } = await this.#compiler.build(target);
      if (problem !== undefined) {
        remove(target.file);
        return failed(name, `it does not compile: ${problem}`, `Read ${log()}.`);
      }
      place(file, target.file);
    }
    return compiled(name, detail);
  }

  async cudaKernel() {
    const { nvcc } = this.#found;
    const name = 'letterbox.fatbin';
    if (nvcc === undefined)
      return this.leaveOut(
        name,
        skipped('cuda letterbox', 'there is no nvcc', 'Install the CUDA toolkit (JetPack brings it).'),
      );
    const target = path.join(this.#work, name);
    const { problem, args, archs } = kernelArguments(nvcc, here, target);
    if (problem !== undefined) return skipped('cuda letterbox', problem, 'Set GOSHAWK_CUDA_ARCHS.');
    const result = await run(nvcc, args, { cwd: here });
    if (!result.ok) {
      return failed(
        'cuda letterbox',
        `it does not compile: ${result.reason}`,
        `Run ${nvcc} ${args.join(' ')}`,
      );
    }
    place(target, name);
    return compiled('cuda letterbox', `for sm_${archs.join(', sm_')}`);
  }
}

async function buildAll(found) {
  const why = obstacle(found);
  if (why) return [skipped(board === undefined ? 'addon' : 'all', why[0], why[1])];
  const work =
    board === undefined
      ? path.join(here, 'build')
      : fs.mkdtempSync(path.join(os.tmpdir(), 'goshawk-native-'));
  try {
    fs.mkdirSync(work, { recursive: true });
    const { stubs, problem } = portable ? await stubLibraries(found.compiler, work) : {};
    if (problem !== undefined) return [failed('addon', problem, `Try ${found.compiler}.`)];
    const fallbackInclude = arch === process.arch ? undefined : `/usr/include/${tripleOf(process.arch)}`;
    const compiler = new Compiler(found.compiler, work, { portable, stubs, fallbackInclude });
    const builder = new Builder(found, compiler, work);
    const items = [];
    for (const part of parts(builder, found, { portable, onBoard: board !== undefined }))
      items.push(await part());
    fs.mkdirSync(path.dirname(log()), { recursive: true });
    fs.writeFileSync(log(), compiler.log);
    return items;
  } finally {
    if (board !== undefined) fs.rmSync(work, { recursive: true, force: true });
  }
}

/** What stands in the report until a build comes to its end, and for ever where it was ended before. */
function interrupted() {
  const names = ['addon', 'isolation', 'reference', 'onnxruntime', 'tensorrt', 'dds', 'fastdds', 'gstreamer'];
  return [...names, 'cuda letterbox'].map((name) =>
    failed(name, 'its build was interrupted', 'Run the build again.'),
  );
}

function readReport() {
  return isFile(reportPath) ? JSON.parse(fs.readFileSync(reportPath, 'utf8')) : undefined;
}

function writeReport(report) {
  fs.mkdirSync(path.dirname(reportPath), { recursive: true });
  fs.writeFileSync(`${reportPath}.new`, `${JSON.stringify(report, undefined, 2)}\n`);
  fs.renameSync(`${reportPath}.new`, reportPath);
}

function print(items) {
  for (const { name, state, detail, remedy } of items) {
    say(`  ${name.padEnd(15)} ${state}: ${detail}.${remedy === '' ? '' : ` ${remedy}`}`);
  }
}

async function buildHere() {
  const found = look();
  const mark = fingerprint(found);
  const before = readReport();
  const fresh =
    !flags.has('--force') && before?.fingerprint === mark && isFile(path.join(outFolder, 'goshawk.node'));
  const about = { node: process.version, arch: process.arch };
  if (!fresh) writeReport({ ...about, items: interrupted() });
  const items = fresh ? before.items : await buildAll(found);
  if (!fresh) writeReport({ fingerprint: mark, ...about, items });
  say(fresh ? 'Native data plane: nothing changed.' : 'Native data plane:');
  print(items);
  const there = items[0].state === 'compiled';
  if (!there) {
    say(
      '  Goshawk runs without it: onnxruntime-node in a worker thread, with letterbox and NMS in TypeScript.',
    );
    say('  With it, a frame costs less time outside the network, and TensorRT engines can be used.');
  }
  return flags.has('--required') && !there ? 1 : 0;
}

/** What was built before and not again stays there, and in the report: the version says whether it still fits. */
async function buildOnBoard() {
  const { version } = JSON.parse(fs.readFileSync(path.join(here, '../package.json'), 'utf8'));
  const before = readReport()?.items ?? [];
  const items = await buildAll(look());
  const made = items.filter(({ state }) => state === 'compiled');
  if (made.length > 0) {
    const kept = before.filter((item) => !made.some(({ name }) => name === item.name));
    writeReport({ items: [...kept, ...made.map((item) => ({ ...item, version }))] });
  }
  say(`Native parts for this machine, in ${outFolder}:`);
  print(items);
  if (made.length > 0)
    say('An agent that runs takes them at its next start: sudo systemctl restart goshawk-agent');
  if (items.some(({ state }) => state === 'failed')) return 1;
  return made.length > 0 ? 0 : 4;
}

try {
  process.exitCode = await (board === undefined ? buildHere() : buildOnBoard());
} catch (error) {
  if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error;
  say(`${error.path} can't be written: ${error.code}.\nRun it as who may, e.g. with sudo.`);
  process.exitCode = 5;
}
