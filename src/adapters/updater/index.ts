// Around: no package: the machine's update helper (deploy/update), which reads and writes two folders

export { PackageUpdater, type PackageUpdaterOptions } from './package-updater.ts';
export { readUpdateStatus, standingIn, type UpdateStatus } from './status.ts';
