// Before `npm pack`: the package holds the built program.
import { build } from '../checkout/build.mjs';
import { ensureNode, ensurePackages } from '../checkout/setup.mjs';

ensureNode();
ensurePackages();
await build();
