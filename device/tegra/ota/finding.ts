/** `warned`: it would switch, and somebody should know this. `refused`: it would not, or would not come back. */
export interface Finding {
  readonly name: string;
  readonly state: 'fine' | 'warned' | 'refused';
  readonly detail: string;
  readonly remedy?: string;
}

export const fine = (name: string, detail: string): Finding => ({ name, state: 'fine', detail });
export const warned = (name: string, detail: string, remedy: string): Finding => ({
  name,
  state: 'warned',
  detail,
  remedy,
});
export const refused = (name: string, detail: string, remedy: string): Finding => ({
  name,
  state: 'refused',
  detail,
  remedy,
});
