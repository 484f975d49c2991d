import type { Clock } from '../../base/index.ts';
import type { DeviceMemory, PacketReceiver } from '../../perception/index.ts';

/** What a live camera is opened with. */
export interface LiveRequest {
  readonly clock: Clock;
  readonly camera: string;
  readonly frameId?: string;
  /** Of a network camera, where its address has none. */
  readonly username?: string;
  /** File that holds nothing but the password. */
  readonly passwordFile?: string;
  /** Memory that pictures may stay in, asked for every connection; default: none, they are copied. */
  readonly memories?: () => readonly DeviceMemory[];
  /** Takes what the camera sends before it is decoded; of one that `givesStream`. */
  readonly packets?: PacketReceiver;
  /** How long the first picture may take after the camera answers; default: as each kind of camera says. */
  readonly connectMs?: number;
}
