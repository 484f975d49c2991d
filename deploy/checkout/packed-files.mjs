// Files of pages, packed beside themselves: the controller sends them to clients that take them so.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const packable = new Set(['.js', '.mjs', '.css', '.html', '.svg', '.json', '.txt', '.xml']);
/** Less fits into the first packet anyway. */
const leastBytes = 1_400;

/** Writes `app.js.br` and `app.js.gz` for each file that gets smaller by it; the same bytes every time. */
export function packFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) packFiles(path);
    if (!entry.isFile() || !packable.has(extname(entry.name))) continue;
    const bytes = readFileSync(path);
    if (bytes.byteLength < leastBytes) continue;
    const size = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: size }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
