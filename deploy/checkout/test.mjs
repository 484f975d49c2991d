// `npm test`: from a fresh clone through types, lint, unit and contract tests and the main path from a camera to the controller.
//
//   npm run test:unit         types, lint and the pure rooms: no native parts, no system packages
//   npm test -- FILE ...      these files; pure ones without a build
//   npm test -- PART ...      a part with a name; `npm test -- --list` lists them
//   npm run test:all          everything
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suites } from './parts.mjs';
import { list, runPart, vitestArguments } from './run-part.mjs';
import { ensureNode, ensurePackages, projectRoot } from './setup.mjs';
import { step, typesAndLint } from './static-checks.mjs';
import { ensureSystemPackages } from './system-packages.mjs';
import { closingLines } from './test-report.mjs';

/** Rooms that need neither dist nor the native parts: the project `pure` of vitest.config.ts. */
const pureRooms =
  /^test\/unit\/(api|base|controller|drift|image|model|optimize|perception|protocol|ros2|sbom|serving|simulation|streams|telemetry|trust)\b/;

async function buildParts() {
  const { build } = await import('./build.mjs');
  await build();
  // Tests that start the program start what was built above.
  process.env.TEST_COMPILED_GOSHAWK = 'yes';
  return step('Native data plane', process.execPath, [join('native', 'build.mjs')]);
}

/** Runs vitest and prints the closing lines of its report; false: something failed. */
function vitest(args) {
  const folder = join(projectRoot, 'node_modules', '.goshawk');
  const report = join(folder, 'tests.json');
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  const unhandled = `--reporter=${join(import.meta.dirname, 'unhandled-reporter.mjs')}`;
  const reporters = ['--reporter=default', unhandled, '--reporter=json', `--outputFile.json=${report}`];
  const program = join('node_modules', 'vitest', 'vitest.mjs');
  const passed = step('Tests', process.execPath, [program, 'run', ...reporters, ...args]);
  if (existsSync(report)) closingLines(report);
  return passed;
}

const projects = (...names) => names.flatMap((name) => ['--project', name]);

async function test([first, ...more]) {
  if (first === undefined) {
    ensureSystemPackages();
    const checked = typesAndLint();
    const built = await buildParts();
    return vitest(projects('pure', 'shared', 'main')) && built && checked;
  }
  if (first === '--unit') {
    const checked = typesAndLint();
    return vitest([...projects('pure'), ...more]) && checked;
  }
  if (first === '--list') {
    console.log(list('npm test', suites));
    return true;
  }
  if (Object.hasOwn(suites, first)) return testPart(suites[first], more);
  const files = [first, ...more];
  const built = files.every((file) => pureRooms.test(file)) || (await buildParts());
  return vitest(files) && built;
}

async function testPart(named, args) {
  const [part] = named;
  if (part.program !== undefined) return runPart(named, args) === 0;
  ensureSystemPackages({ all: true });
  const built = await buildParts();
  Object.assign(process.env, part.env);
  return vitest([...vitestArguments(part), ...args]) && built;
}

ensureNode();
ensurePackages();
process.exitCode = (await test(process.argv.slice(2))) ? 0 : 1;
