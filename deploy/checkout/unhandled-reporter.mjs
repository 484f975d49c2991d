// A reporter of vitest: one line for each error that no test caught. vitest ends with status 1 for it, counts no failed test, and its
// report in JSON does not hold it.
import { firstLines } from './test-report.mjs';

export default class {
  onTestRunEnd(_modules, errors) {
    for (const error of errors)
      console.log(`failed: an error that no test caught: ${firstLines(error.stack ?? error.message)}`);
  }
}
