import { useEffect, useRef, useState } from 'preact/hooks';

/** True while the window is at most `width` CSS pixels wide. */
export function useNarrow(width: number): boolean {
  const query = `(max-width: ${width}px)`;
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const look = (): void => setNarrow(list.matches);
    list.addEventListener('change', look);
    look();
    return () => list.removeEventListener('change', look);
  }, [query]);
  return narrow;
}

/** Calls `tick` now and every `periodMs` while the page is visible. */
export function useEvery(periodMs: number, tick: () => void, inputs: readonly unknown[] = []): void {
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    const run = (): void => {
      if (!document.hidden) latest.current();
    };
    run();
    const timer = setInterval(run, periodMs);
    document.addEventListener('visibilitychange', run);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', run);
    };
  }, [periodMs, ...inputs]);
}

/** The wall clock, for `8 s ago`; draws again every `periodMs`. */
export function useNow(periodMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEvery(periodMs, () => setNow(Date.now()));
  return now;
}

/** Width of an element in CSS pixels, 0 before it is on the page. */
export function useWidth<E extends HTMLElement>(): [(element: E | null) => void, number] {
  const [element, setElement] = useState<E | null>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    setWidth(Math.floor(element.getBoundingClientRect().width));
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}

/** True while the element is in the window, or nearly. */
export function useInSight(host: { current: HTMLElement | null }): boolean {
  const [inSight, setInSight] = useState(false);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const observer = new IntersectionObserver(([entry]) => setInSight(entry?.isIntersecting === true), {
      rootMargin: '100px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [host]);
  return inSight;
}
