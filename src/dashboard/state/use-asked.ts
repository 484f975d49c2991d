import { useValue } from '../observable/value.ts';
import { refine, route } from './route.ts';

/** What the address asks a page to open (`?do=upload`), as the palette writes it; `done` takes it out of the address. */
export function useAsked(): readonly [asked: string | undefined, done: () => void] {
  const { query } = useValue(route);
  const done = (): void => {
    const { do: _, ...others } = Object.fromEntries(route.get().query);
    refine(others);
  };
  return [query.get('do'), done];
}
