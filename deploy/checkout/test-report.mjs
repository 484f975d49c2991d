// What a run of vitest says at its end.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { projectRoot, say } from './setup.mjs';

/**
 * Prints every skipped test with its reason (it stands in the title), then every failed one with what it said, then the closing
 * line: who sees only the end of a long output, as CI shows it, sees what failed.
 */
export function closingLines(reportFile) {
  const report = JSON.parse(readFileSync(reportFile, 'utf8'));
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: relative(projectRoot, file.name) })),
  );
  const skipped = tests.filter((test) => test.status === 'pending' || test.status === 'skipped');
  for (const test of skipped) say(`skipped: ${test.fullName}`);
  for (const test of tests.filter(({ status }) => status === 'failed'))
    console.log(`failed: ${test.file}: ${test.fullName}: ${firstLines(test.failureMessages[0])}`);
  // A file that could not be loaded has no test that failed.
  for (const file of report.testResults.filter((f) => f.status === 'failed' && f.message !== ''))
    console.log(`failed: ${relative(projectRoot, file.name)}: ${firstLines(file.message)}`);
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped.length} skipped`);
}

/** The message of a failure, with where it was thrown, short enough for one line of a log. */
export function firstLines(message = '') {
  const oneLine = message.replaceAll(`${projectRoot}/`, '').split('\n').slice(0, 6).join(' | ');
  return oneLine.slice(0, 900);
}
