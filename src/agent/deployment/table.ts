import type { DeploymentState } from '../../protocol/index.ts';

/** What can happen to a deployment. */
export const deploymentEvents = [
  /** The fleet names a model that is not the one that serves. */
  'ordered',
  /** The same, on a device that runs only what is signed. */
  'ordered-signed',
  /** Signed metadata names the model, and lets this device run it. */
  'admitted',
  /** The fleet names the model that serves already. */
  'confirmed',
  /** The fleet names a model that this device does not begin with: the order is too old, or it failed here before. */
  'refused',
  'downloaded',
  /** Downloaded, and some of it came packed or as a difference from what the device has. */
  'downloaded-packed',
  'unpacked',
  /** What came packed was of no use: it is fetched in another form. */
  'unusable',
  'verified',
  /** Verified, and its files are encrypted. */
  'verified-sealed',
  'decrypted',
  'prepared',
  'passed',
  /** The engine that failed the check was built by another device: build it here, and check again. */
  'set-aside',
  'go',
  'swapped',
  'survived',
  /** A step failed, or the new model did badly in probation. */
  'failed',
  /** The fleet wants something else meanwhile. */
  'superseded',
  'rolled-back',
  /** The agent starts and finds this state on its disk: a power cut, a crash or an update. */
  'restarted',
  /** The same, and the restart before it had found the same deployment: the model may be what kills the agent. */
  'restarted-again',
  /** The serving model must stop: its owner withdrew it, or that is unknown. */
  'withdrawn',
] as const;
export type DeploymentEvent = (typeof deploymentEvents)[number];

export type Row = readonly [state: DeploymentState, event: DeploymentEvent, next: DeploymentState];

/**
 * Life of a deployment. Every pair that is not here is a defect and throws. The old model serves in every state before
 * `swapping`; after a restart it serves until the deployment, which begins anew, gets there again.
 */
export const deploymentTable: readonly Row[] = [
  ['idle', 'ordered', 'downloading'],
  ['committed', 'ordered', 'downloading'],
  ['failed', 'ordered', 'downloading'],

  ['idle', 'ordered-signed', 'fetching-metadata'],
  ['committed', 'ordered-signed', 'fetching-metadata'],
  ['failed', 'ordered-signed', 'fetching-metadata'],

  ['idle', 'confirmed', 'committed'],
  ['committed', 'confirmed', 'committed'],
  ['failed', 'confirmed', 'committed'],

  ['idle', 'refused', 'failed'],
  ['committed', 'refused', 'failed'],
  ['failed', 'refused', 'failed'],

  ['idle', 'withdrawn', 'failed'],
  ['committed', 'withdrawn', 'failed'],
  ['failed', 'withdrawn', 'failed'],

  ['fetching-metadata', 'admitted', 'downloading'],
  ['downloading', 'downloaded', 'verifying'],
  ['downloading', 'downloaded-packed', 'patching'],
  ['patching', 'unpacked', 'verifying'],
  ['patching', 'unusable', 'downloading'],
  ['verifying', 'verified', 'preparing'],
  ['verifying', 'verified-sealed', 'decrypting'],
  ['decrypting', 'decrypted', 'preparing'],
  ['preparing', 'prepared', 'checking'],
  ['checking', 'passed', 'ready'],
  ['checking', 'set-aside', 'preparing'],
  ['ready', 'go', 'swapping'],
  ['swapping', 'swapped', 'probation'],
  ['probation', 'survived', 'committed'],

  ['fetching-metadata', 'failed', 'failed'],
  ['downloading', 'failed', 'failed'],
  ['patching', 'failed', 'failed'],
  ['verifying', 'failed', 'failed'],
  ['decrypting', 'failed', 'failed'],
  ['preparing', 'failed', 'failed'],
  ['checking', 'failed', 'failed'],
  ['ready', 'failed', 'failed'],
  ['swapping', 'failed', 'rolling-back'],
  ['probation', 'failed', 'rolling-back'],
  ['rolling-back', 'rolled-back', 'failed'],
  ['rolling-back', 'failed', 'failed'],

  ['fetching-metadata', 'superseded', 'idle'],
  ['downloading', 'superseded', 'idle'],
  ['patching', 'superseded', 'idle'],
  ['verifying', 'superseded', 'idle'],
  ['decrypting', 'superseded', 'idle'],
  ['preparing', 'superseded', 'idle'],
  ['checking', 'superseded', 'idle'],
  ['ready', 'superseded', 'idle'],
  ['swapping', 'superseded', 'rolling-back'],
  ['probation', 'superseded', 'rolling-back'],

  ['idle', 'restarted', 'idle'],
  ['fetching-metadata', 'restarted', 'fetching-metadata'],
  ['downloading', 'restarted', 'downloading'],
  ['patching', 'restarted', 'downloading'],
  ['verifying', 'restarted', 'downloading'],
  ['decrypting', 'restarted', 'downloading'],
  ['preparing', 'restarted', 'downloading'],
  ['checking', 'restarted', 'downloading'],
  ['ready', 'restarted', 'downloading'],
  ['swapping', 'restarted', 'downloading'],
  ['probation', 'restarted', 'downloading'],
  ['committed', 'restarted', 'committed'],
  ['rolling-back', 'restarted', 'failed'],
  ['failed', 'restarted', 'failed'],

  ['preparing', 'restarted-again', 'failed'],
  ['checking', 'restarted-again', 'failed'],
  ['ready', 'restarted-again', 'failed'],
  ['swapping', 'restarted-again', 'failed'],
  ['probation', 'restarted-again', 'failed'],
];

const nextOf = new Map(deploymentTable.map(([state, event, next]) => [`${state} ${event}`, next]));

/** Undefined for a pair that the table does not have. */
export function nextState(state: DeploymentState, event: DeploymentEvent): DeploymentState | undefined {
  return nextOf.get(`${state} ${event}`);
}

/** States in which the model, not the network, is at work: a crash there may be its fault. */
export function isModelAtWork(state: DeploymentState): boolean {
  return nextState(state, 'restarted-again') !== undefined;
}

/** Idle until the next order. */
export function isSettled(state: DeploymentState): boolean {
  return nextState(state, 'ordered') !== undefined;
}
