// `npm run check`: types, lint, format and words. `npm run check -- PART [options]`: what is looked at apart from the tests.
import { checks } from './parts.mjs';
import { runNamed } from './run-part.mjs';
import { ensureNode, ensurePackages } from './setup.mjs';
import { typesAndLint } from './static-checks.mjs';

ensureNode();
ensurePackages();
const chosen = process.argv.slice(2);
if (chosen.length > 0) process.exitCode = runNamed('npm run check', checks, chosen);
else process.exitCode = typesAndLint() ? 0 : 1;
