// Runs the compiler: only what has changed is compiled again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compileArguments, linkArguments, sonames } from './targets.mjs';
import { run } from './toolchain.mjs';

const here = import.meta.dirname;
const jobs = Math.max(1, Math.min(os.availableParallelism(), 8));

/** Objects go below `folder`, one of its own for each target. */
export class Compiler {
  #program;
  #folder;
  #options;
  #log = '';

  constructor(program, folder, options) {
    this.#program = program;
    this.#folder = folder;
    this.#options = options;
  }

  get log() {
    return this.#log;
  }

  /** Puts the target's file below `folder` and gives its path, or `problem`. */
  async build(target) {
    const folder = path.join(this.#folder, 'objects', target.file);
    fs.mkdirSync(folder, { recursive: true });
    const objects = target.sources.map((source) => path.join(folder, `${source.replaceAll('/', '-')}.o`));
    const tasks = target.sources.map((source, index) => ({
      object: objects[index],
      args: [...compileArguments(target, this.#options), '-c', source, '-MMD', '-o', objects[index]],
    }));
    const problems = await atOnce(tasks.filter(isOld), jobs, ({ args, object }) =>
      this.#compile(args, object),
    );
    const problem = problems.find((each) => each !== undefined);
    if (problem !== undefined) return { problem };
    const file = path.join(this.#folder, target.file);
    const linked = await this.#run(linkArguments(target, objects, file, this.#options));
    return linked.ok ? { file } : { problem: linked.reason };
  }

  async #compile(args, object) {
    fs.rmSync(`${object}.call`, { force: true });
    const result = await this.#run(args);
    if (!result.ok) return result.reason;
    fs.writeFileSync(`${object}.call`, args.join('\n'));
    return undefined;
  }

  async #run(args) {
    const result = await run(this.#program, args, { cwd: here });
    this.#log += `\n$ ${this.#program} ${args.join(' ')}\n${result.output}`;
    return result;
  }
}

/** Whether the object is missing, was compiled in another way, or is older than a file that it was made from. */
function isOld({ args, object }) {
  const read = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined);
  if (read(`${object}.call`) !== args.join('\n')) return true;
  const made = fs.statSync(object, { throwIfNoEntry: false })?.mtimeMs;
  const from = read(object.replace(/\.o$/, '.d'));
  if (made === undefined || from === undefined) return true;
  // `object: source header \` and so on.
  const files = from
    .slice(from.indexOf(':') + 1)
    .split(/[\s\\]+/)
    .filter((file) => file !== '');
  return files.some(
    (file) =>
      !((fs.statSync(path.resolve(here, file), { throwIfNoEntry: false })?.mtimeMs ?? Infinity) <= made),
  );
}

/** What `work` gives for each, in their order. */
async function atOnce(tasks, most, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await work(tasks[index]);
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  return results;
}

/**
 * Libraries that the machine has which the package will run on, and this one need not have for its processor: linked
 * against empty ones of the same name. Gives their folder, or `problem`.
 */
export async function stubLibraries(program, folder) {
  const stubs = path.join(folder, 'stubs');
  fs.mkdirSync(stubs, { recursive: true });
  for (const [name, soname] of Object.entries(sonames)) {
    const file = path.join(stubs, `lib${name}.so`);
    const args = ['-shared', '-nostdlib', `-Wl,-soname,${soname}`, '-x', 'c++', os.devNull, '-o', file];
    const result = await run(program, args, { cwd: here });
    if (!result.ok) return { problem: `${path.basename(file)}: ${result.reason}` };
  }
  return { stubs };
}
