import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/**
 * Compiles the children and all they import into a tree of its own, laid out like the project, and gives the path of
 * `run-cameras.js`. Through a TypeScript loader they would carry its memory and its pauses.
 */
export function compileChildren(folder: string): string {
  const tree = join(folder, 'compiled');
  mkdirSync(tree);
  for (const name of ['node_modules', 'native', 'package.json'])
    symlinkSync(join(root, name), join(tree, name));
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: root,
      outDir: join(tree, 'dist'),
      sourceMap: false,
      noCheck: true,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: [
      join(root, 'test/bench/children/run-cameras.ts'),
      // Started by address, so no import leads to it.
      join(root, 'src/adapters/onnxruntime/worker.ts'),
      join(root, 'src/adapters/sharp/jpeg.ts'),
    ],
    include: [],
  };
  writeFileSync(join(tree, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', tree], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The children of the bench do not compile:\n${stdout}`);
  return join(tree, 'dist/test/bench/children/run-cameras.js');
}

/** The same children in a tree of their own whose native engine finds `library` where npm's ONNX Runtime would be. */
export function withLibrary(child: string, folder: string, library: string): string {
  const tree = join(folder, 'compiled-with-library');
  cpSync(join(folder, 'compiled'), tree, { recursive: true, verbatimSymlinks: true });
  const fake = join(tree, 'dist/node_modules/onnxruntime-node');
  const place = join(fake, 'bin/napi-v6/linux', process.arch);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(fake, 'package.json'), '{}');
  symlinkSync(library, join(place, 'libonnxruntime.so.1'));
  return child.replace(join(folder, 'compiled'), tree);
}

/**
 * The detectors of a compiled tree, in this process. What tsx runs is not what is shipped: it names every function anew each
 * time that one is made, a tenth of what JavaScript does for a frame.
 */
export function compiledDetectors(
  child: string,
): Promise<typeof import('../../../src/runtime/engines/detectors.ts')> {
  return import(join(dirname(child), '../../../src/runtime/engines/detectors.js'));
}
