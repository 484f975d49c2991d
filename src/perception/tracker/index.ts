export { IdentityGallery } from './identities.ts';
export type { Look } from './look.ts';
export {
  defaultTrackerOptions,
  type Looks,
  type TrackedAs,
  Tracker,
  type TrackerOptions,
} from './tracker.ts';
