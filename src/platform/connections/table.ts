/** Whose connections count together: an IPv4 address, or the 64 bits of an IPv6 network, of which one machine has all. */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const before = groups(head);
  const missing = tail === undefined ? 0 : 8 - before.length - groups(tail).length;
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...groups(tail)];
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/**
 * Connections by where they come from. Who holds the most makes room when it is needed: the oldest of his on which nothing was ever
 * asked, then the oldest on which nothing is asked now. So a crowd of one place takes nothing from another, and one that comes anew finds a place.
 */
export class ConnectionTable<T> {
  /** In the order in which they came. */
  readonly #networks = new Map<string, Set<T>>();
  readonly #networkOf = new Map<T, string>();
  readonly #busy = new Set<T>();
  readonly #asked = new Set<T>();

  get size(): number {
    return this.#networkOf.size;
  }

  add(connection: T, network: string): void {
    this.#networkOf.set(connection, network);
    const own = this.#networks.get(network);
    if (own === undefined) this.#networks.set(network, new Set([connection]));
    else own.add(connection);
  }

  remove(connection: T): void {
    const network = this.#networkOf.get(connection);
    if (network === undefined) return;
    this.#networkOf.delete(connection);
    this.#busy.delete(connection);
    this.#asked.delete(connection);
    const own = this.#networks.get(network);
    own?.delete(connection);
    if (own?.size === 0) this.#networks.delete(network);
  }

  /** Something is asked on it, or no more. */
  setBusy(connection: T, busy: boolean): void {
    if (!busy) {
      this.#busy.delete(connection);
    } else if (this.#networkOf.has(connection)) {
      this.#busy.add(connection);
      this.#asked.add(connection);
    }
  }

  /** Whose place a new one gets; undefined where whoever holds the most asks something on each of his. */
  victim(): T | undefined {
    let most: ReadonlySet<T> | undefined;
    for (const own of this.#networks.values()) if (own.size > (most?.size ?? 0)) most = own;
    let idle: T | undefined;
    for (const connection of most ?? []) {
      if (!this.#asked.has(connection)) return connection;
      if (!this.#busy.has(connection)) idle ??= connection;
    }
    return idle;
  }
}

/**
 * What waits for its turn, one of each network after the other. Of one network the newest and the oldest by turns: who comes after a
 * crowd of its neighbours is not behind all of it, and nobody waits for ever.
 */
export class FairTurns<T> {
  readonly #waiting = new Map<string, Set<T>>();
  #oldest = false;

  wait(item: T, network: string): void {
    const own = this.#waiting.get(network);
    if (own === undefined) this.#waiting.set(network, new Set([item]));
    else own.add(item);
  }

  leave(item: T, network: string): void {
    const own = this.#waiting.get(network);
    own?.delete(item);
    if (own?.size === 0) this.#waiting.delete(network);
  }

  next(): T | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [network, own] = first;
    this.#oldest = !this.#oldest;
    const all = [...own];
    const item = (this.#oldest ? all[0] : all.at(-1)) as T;
    this.leave(item, network);
    // Behind all others.
    if (own.size > 0) {
      this.#waiting.delete(network);
      this.#waiting.set(network, own);
    }
    return item;
  }
}
