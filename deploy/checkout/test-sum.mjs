// The closing line of several runs.

const closing = /^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/**
 * Adds up the last closing line of each run. A run that failed, or that closed without a line, is a problem: it counts as one
 * failed test where it counted none itself, so that the sum never hides it. What it said of each failed test stands below its
 * problem: later runs print more than the end of a log holds.
 */
export function sumOf(runs) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const problems = [];
  for (const { name, status, output } of runs) {
    const counts = output
      .split('\n')
      .map((line) => closing.exec(line.trim()))
      .findLast((match) => match !== null)
      ?.slice(1)
      .map((number) => Number(number ?? 0));
    const [passed = 0, failed = 0, skipped = 0] = counts ?? [];
    const broken = counts === undefined || (status !== 0 && failed === 0);
    sum.passed += passed;
    sum.failed += failed + (broken ? 1 : 0);
    sum.skipped += skipped;
    if (counts === undefined)
      problems.push(`${name} closed without a line that counts its tests (status ${status})`);
    else if (status !== 0 || failed > 0)
      problems.push(`${name} failed (status ${status}): ${passed} passed, ${failed} failed`);
    problems.push(...output.split('\n').filter((text) => text.startsWith('failed: ')));
  }
  return { line: `${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`, problems };
}
