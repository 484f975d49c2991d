type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A copy without the fields that are undefined: `exactOptionalPropertyTypes` tells "absent" from "undefined". */
export function defined<T extends object>(value: T): Defined<T> {
  const set: Partial<T> = {};
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] !== undefined) set[key] = value[key];
  return set as unknown as Defined<T>;
}
