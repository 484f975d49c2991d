#!/usr/bin/env node
// Compiles the TensorRT plugin on the board of an installed package, against the headers that JetPack brings: they differ
// from release to release, and the plugin has to fit. It needs a C++ compiler, and neither node-gyp nor Node's headers.
//
//   node build-plugin.mjs [FOLDER]     default: /usr/local/lib/goshawk
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cudaIncludeFolder, findNvcc, kernelArguments, onPath, run, tensorrtFolder } from './toolchain.mjs';

const here = import.meta.dirname;
const target = path.resolve(process.argv[2] ?? '/usr/local/lib/goshawk');
const say = (line) => process.stdout.write(`${line}\n`);

/** Ends with what is missing and how to get it. */
function stop(problem, remedy) {
  say(`${problem}\n${remedy}`);
  process.exit(4);
}

function compile(compiler, tensorrt, cuda, file) {
  const sources = fs
    .readdirSync(path.join(here, 'plugins/tensorrt'))
    .filter((name) => name.endsWith('.cc'))
    .sort()
    .map((name) => path.join(here, 'plugins/tensorrt', name));
  return run(
    compiler,
    [
      ...['-std=c++17', '-O3', '-fPIC', '-shared', '-fvisibility=hidden', '-ffp-contract=off'],
      ...['-isystem', tensorrt, '-isystem', cuda, ...sources, '-o', file, '-ldl', '-lpthread'],
      ...['-Wl,-z,now', '-Wl,-z,relro', `-Wl,--version-script=${path.join(here, 'plugins/exports.map')}`],
    ],
    { cwd: here },
  );
}

const compiler = process.env.CXX ?? onPath('g++') ?? onPath('clang++');
const tensorrt = tensorrtFolder();
const cuda = cudaIncludeFolder();
if (compiler === undefined) stop('There is no C++ compiler.', 'sudo apt-get install g++');
if (tensorrt === undefined) {
  stop(
    'NvInfer.h was not found.',
    'On a Jetson: sudo apt-get install nvidia-jetpack (or libnvinfer-dev libnvonnxparsers-dev alone); or set GOSHAWK_TENSORRT_INCLUDE.',
  );
}
if (cuda === undefined) {
  stop(
    'cuda.h was not found.',
    'On a Jetson: sudo apt-get install nvidia-jetpack; or set GOSHAWK_CUDA_HOME.',
  );
}
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'goshawk-plugin-'));
try {
  const plugin = path.join(work, 'goshawk_tensorrt.so');
  const result = compile(compiler, tensorrt, cuda, plugin);
  if (!result.ok) {
    say(result.output);
    say(`The TensorRT plugin does not compile against ${tensorrt}: ${result.reason}`);
    process.exitCode = 1;
  } else {
    const made = [plugin];
    const nvcc = findNvcc();
    const kernel = path.join(work, 'letterbox.fatbin');
    const call = nvcc === undefined ? undefined : kernelArguments(nvcc, here, kernel);
    if (call?.args !== undefined && run(nvcc, call.args, { cwd: here }).ok) made.push(kernel);
    else
      say(
        'Without the letterbox on the GPU (no nvcc, or it knows none of these GPUs): the processor does it.',
      );
    fs.mkdirSync(target, { recursive: true });
    for (const file of made) {
      // A running agent has the old file mapped: a new one takes its name.
      const place = path.join(target, path.basename(file));
      fs.copyFileSync(file, `${place}.new`);
      fs.renameSync(`${place}.new`, place);
      say(`${place}: compiled against ${tensorrt}`);
    }
    say('An agent that runs takes it at its next start: sudo systemctl restart goshawk-agent');
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
