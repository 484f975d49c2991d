import { countStreet } from './street.ts';
import { timeRules } from './time.ts';

/** What `npm run bench -- rules [seconds of each street]` prints. */
timeRules();
console.log('');
await countStreet(Number(process.argv[2] ?? 60), [1, 2, 3, 4]);
