/*
 * Writes oldest-symbols.json: which symbols of the machine's libraries our addons call, as far as the oldest version that is
 * promised has them. abi.ts refuses an addon that calls another one. Only who adds a call has to run it:
 *
 *   node --import tsx deploy/package/oldest-symbols.ts build/package/native-amd64/build/out /srv/bookworm /
 *
 * The first argument is a folder of addons of a portable build; then come roots of systems, the oldest first: Debian 12 has
 * Cyclone DDS 0.10.2, GStreamer 1.22 and GLib 2.74, Debian 13 has Fast DDS 3.1. What is in none of them is printed.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exportedSymbols, readElf } from './elf.ts';

const [folder = '', ...roots] = process.argv.slice(2);
if (folder === '' || roots.length === 0) {
  process.stderr.write('oldest-symbols.ts FOLDER-OF-ADDONS ROOT...\n');
  process.exit(2);
}

function libraryIn(root: string, soname: string): string | undefined {
  return ['usr/lib/x86_64-linux-gnu', 'usr/lib']
    .map((lib) => join(root, lib, soname))
    .find((file) => existsSync(file));
}

const lists: Record<string, { file: string; symbols: string[] }> = {};
const missing: string[] = [];
for (const name of readdirSync(folder).filter((each) => /^goshawk_.*\.node$/.test(each))) {
  const { libraries, symbols } = readElf(readFileSync(join(folder, name)));
  const wanted = new Set(symbols.filter((symbol) => !/^(napi|node_api|uv)_/.test(symbol)));
  for (const soname of libraries.filter((each) => !/^(lib(c|m|stdc\+\+|gcc_s)\.|ld-)/.test(each))) {
    const file = roots.map((root) => libraryIn(root, soname)).find((each) => each !== undefined);
    if (file === undefined) continue;
    const exported = exportedSymbols(readFileSync(file));
    const found = [...wanted].filter((symbol) => exported.has(symbol));
    for (const symbol of found) wanted.delete(symbol);
    lists[soname] = { file: basename(realpathSync(file)), symbols: found.sort() };
  }
  missing.push(...[...wanted].map((symbol) => `${name}: ${symbol}`));
}
writeFileSync(join(import.meta.dirname, 'oldest-symbols.json'), `${JSON.stringify(lists, undefined, 2)}\n`);
if (missing.length > 0) process.stdout.write(`In none of these roots:\n${missing.join('\n')}\n`);
process.exitCode = missing.length > 0 ? 1 : 0;
