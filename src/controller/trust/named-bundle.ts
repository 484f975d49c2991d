/** A model by what a device is told of it. */
export interface NamedBundle {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}
