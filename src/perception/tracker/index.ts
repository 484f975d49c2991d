export { defaultTrackerOptions, Tracker, type TrackerOptions } from './tracker.ts';
