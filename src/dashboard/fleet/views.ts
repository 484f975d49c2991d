/** A filter of the devices under a name, kept in this browser. */
export interface SavedView {
  readonly name: string;
  /** As in the address. */
  readonly query: Readonly<Record<string, string>>;
}

export const mostViews = 30;

/** The stored views; an invalid value gives none. */
export function parseViews(text: string | null): SavedView[] {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(stored)) return [];
  return stored.filter(isView).slice(0, mostViews);
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const { name, query } = value as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    name !== '' &&
    typeof query === 'object' &&
    query !== null &&
    Object.values(query).every((one) => typeof one === 'string')
  );
}

/** With this view, in the place of one with its name; by name. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  return [...views.filter(({ name }) => name !== view.name), view]
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, mostViews);
}

/** The view that the address shows. */
export function viewOf(
  views: readonly SavedView[],
  query: ReadonlyMap<string, string>,
): SavedView | undefined {
  const key = keyOf([...query]);
  return views.find((view) => keyOf(Object.entries(view.query)) === key);
}

function keyOf(entries: readonly (readonly [string, string])[]): string {
  return JSON.stringify(entries.filter(([, value]) => value !== '').sort());
}
