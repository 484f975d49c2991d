// Around: no package: one request to the server of Kubernetes that every pod can reach

export { LeaderLabel, type LeaderLabelOptions, leaderLabel } from './leader-label.ts';
