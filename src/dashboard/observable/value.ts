import { useEffect, useState } from 'preact/hooks';

/** A value that views watch. Writing the same value wakes nobody. */
export class Value<T> {
  #current: T;
  readonly #listeners = new Set<() => void>();

  constructor(initial: T) {
    this.#current = initial;
  }

  get(): T {
    return this.#current;
  }

  set(next: T): void {
    if (Object.is(next, this.#current)) return;
    this.#current = next;
    for (const listener of [...this.#listeners]) listener();
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The current value; the view is drawn again when it changes. */
export function useValue<T>(value: Value<T>): T {
  return useSelected(value, same);
}

/** A part of the value; the view is drawn again only when that part changes (compared with Object.is). */
export function useSelected<T, S>(value: Value<T>, select: (current: T) => S): S {
  const [, redraw] = useState({});
  const selected = select(value.get());
  useEffect(() => {
    let last = selected;
    const look = (): void => {
      const next = select(value.get());
      if (Object.is(next, last)) return;
      last = next;
      redraw({});
    };
    look();
    return value.watch(look);
  }, [value, select]);
  return selected;
}

const same = <T>(current: T): T => current;
