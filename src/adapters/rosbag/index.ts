// Around: @mcap/core with fzstd: it asks for what unpacks its chunks.

/*
 * Recordings of ROS: MCAP, the storage of rosbag2 since Iron, and SQLite, the one before, which src/platform opens. And
 * recordings of ours: MCAP with JSON.
 */
export { BagFrameSource, type BagSourceOptions } from './bag-source.ts';
export { type McapPlace, McapRecorder } from './mcap-recorder.ts';
export { isBag, openBag } from './open-bag.ts';
