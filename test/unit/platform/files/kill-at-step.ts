/*
 * A process that writes a file as a whole and kills itself before the step of that number; without one it ends well.
 * Arguments: the file, its new content, the number. The steps are the calls to the disk; half of a write is one too.
 */
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { writeFileAtomic } from '../../../../src/platform/files/atomic.ts';

const [path = '', content = '', stopAt] = process.argv.slice(2);
let steps = 0;
const step = () => {
  steps += 1;
  if (steps === Number(stopAt)) process.kill(process.pid, 'SIGKILL');
};

const { mkdir, open, rename } = fs;
fs.mkdir = ((...args: Parameters<typeof mkdir>) => {
  step();
  return mkdir(...args);
}) as typeof mkdir;
fs.rename = (...args) => {
  step();
  return rename(...args);
};
fs.open = async (...args) => {
  step();
  return slow(await open(...args));
};
syncBuiltinESMExports();

function slow(file: FileHandle): FileHandle {
  const { writeFile, sync, close } = file;
  file.writeFile = async (data) => {
    const bytes = Buffer.from(data as string);
    const half = bytes.length >> 1;
    step();
    await writeFile.call(file, bytes.subarray(0, half));
    step();
    await writeFile.call(file, bytes.subarray(half));
  };
  file.sync = () => {
    step();
    return sync.call(file);
  };
  file.close = () => {
    step();
    return close.call(file);
  };
  return file;
}

await writeFileAtomic(path, content);
process.stdout.write(String(steps));
