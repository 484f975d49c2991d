/*
 * Runs the conformance suite of the OCI distribution specification against our registry:
 *
 *     npm run check -- oci <program>
 *
 * The program is built from the specification's repository; docs/registry.md says how, and what came out.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Served } from '../unit/adapters/fastify/serve.ts';

const [program] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write('Name the program of the suite; docs/registry.md says how to build it.\n');
  process.exit(2);
}
const served = await Served.open();
const results = mkdtempSync(join(tmpdir(), 'goshawk-oci-'));
const child = spawn(program, [], {
  cwd: results,
  stdio: 'inherit',
  env: {
    OCI_REGISTRY: new URL(served.url).host,
    OCI_TLS: 'disabled',
    OCI_USERNAME: 'anybody',
    OCI_PASSWORD: served.tokens.admin,
    OCI_RESULTS_DIR: results,
    OCI_DATA_SHA512: 'false',
    OCI_VERSION: 'dev',
    ...process.env,
  },
});
const code = await new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
await served.close();
process.stdout.write(`The report is in ${results}\n`);
process.exit(code);
