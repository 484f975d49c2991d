import type { Clock } from '../../base/index.ts';

/** What a live camera is opened with. */
export interface LiveRequest {
  readonly clock: Clock;
  readonly camera: string;
  readonly frameId?: string;
  /** Of a network camera, where its address has none. */
  readonly username?: string;
  /** File that holds nothing but the password. */
  readonly passwordFile?: string;
}
