import { Value } from '../observable/value.ts';

export type Theme = 'light' | 'dark';
const key = 'goshawk.theme';

/** The current theme: the reader's choice, otherwise that of the system. */
export const theme = new Value<Theme>('light');

const prefersDark = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | undefined {
  const stored = localStorage.getItem(key);
  return stored === 'light' || stored === 'dark' ? stored : undefined;
}

function apply(): void {
  const next = chosen() ?? (prefersDark().matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = next;
  theme.set(next);
}

export function followTheme(): void {
  prefersDark().addEventListener('change', apply);
  apply();
}

export function toggleTheme(): void {
  localStorage.setItem(key, theme.get() === 'dark' ? 'light' : 'dark');
  apply();
}
