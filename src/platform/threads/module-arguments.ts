import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** With which flags of node a module (see `moduleUrl`) runs in a process of its own; TypeScript needs its loader. */
export function moduleArguments(module: URL): {
  readonly execArgv: readonly string[];
  readonly path: string;
} {
  const path = fileURLToPath(module);
  if (!path.endsWith('.ts')) return { execArgv: [], path };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { execArgv: ['--import', loader], path };
}
