// Around: no package: the machine's update helper (deploy/update), which reads and writes two folders

export { HelperUpdater, type HelperUpdaterOptions } from './helper-updater.ts';
export { readUpdateStatus, standingIn, type UpdateStatus } from './status.ts';
