import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LinePeer } from './line-peer.ts';
import { script } from './python.ts';

const header = '/usr/include/onnxruntime/onnxruntime_cxx_api.h';

/**
 * The C++ program with IoBinding, compiled here and run with the library that the native engine runs with. In words why
 * not, where it can't be compiled.
 */
export function startCpp(folder: string, library: string | undefined): LinePeer | string {
  if (library === undefined) return 'C++ (no ONNX Runtime library): npm install onnxruntime-node';
  if (!existsSync(header)) return `C++ (no ${header}): sudo apt-get install libonnxruntime-dev`;
  const program = join(folder, 'network-peer');
  const compile = spawnSync(
    'g++',
    ['-O2', '-std=c++17', '-I', join(header, '..'), script('network.cc'), '-ldl', '-o', program],
    { encoding: 'utf8' },
  );
  if (compile.status !== 0) {
    return `C++ (${compile.stderr?.split('\n')[0] ?? 'no g++'}): sudo apt-get install g++ libonnxruntime-dev`;
  }
  return new LinePeer('The C++ peer', program, [library]);
}
