import { timeRules } from './time.ts';

/** What `npm run bench -- rules` prints. */
timeRules();
