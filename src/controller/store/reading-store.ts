import type { TokenRow } from './rows.ts';
import type { Store } from './store.ts';

/** Port: the database as a process with the role api has it. It writes nothing. */
export interface ReadingStore extends Pick<Store, 'metrics' | 'events' | 'close'> {
  tokens(): Promise<readonly TokenRow[]>;
  hasDevice(name: string): Promise<boolean>;
  /** Where the leader says that other processes reach it; undefined: it has not said it yet. */
  leaderUrl(): Promise<string | undefined>;
}
