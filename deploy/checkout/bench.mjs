// `npm run bench -- PART [options]`: one comparison with peers; without a part, the list of them.
import { benches } from './parts.mjs';
import { runNamed } from './run-part.mjs';
import { ensureNode, ensurePackages } from './setup.mjs';

ensureNode();
ensurePackages();
process.exitCode = runNamed('npm run bench', benches, process.argv.slice(2));
