export { SystemClock } from './clock.ts';
export { randomId } from './ids.ts';
