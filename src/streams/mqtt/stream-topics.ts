import { InputError } from '../../base/index.ts';

const cameraLevel = '{camera}';

/** Topics of one stream, made of a text in which `{camera}` stands for the name of the camera. */
export class StreamTopics {
  readonly #pattern: string;

  /** InputError `stream-topic` for a text that is no topic. */
  constructor(pattern: string) {
    if (pattern === '' || pattern.length > 200 || /[+#\0]|^[/$]|\/$/.test(pattern))
      throw new InputError(
        'stream-topic',
        `"${pattern}" is not a topic to publish on.`,
        'Name it as goshawk/yard/{camera}: no + and #, no / at its ends, at most 200 characters.',
      );
    this.#pattern = pattern;
  }

  get perCamera(): boolean {
    return this.#pattern.includes(cameraLevel);
  }

  results(camera: string): string {
    return this.#pattern.replaceAll(cameraLevel, camera);
  }

  /** Of the camera, retained: what it shows now. */
  state(camera: string): string {
    return `${this.results(camera)}/state`;
  }

  /** Of the camera, retained: `online` or `offline`. */
  availability(camera: string): string {
    return `${this.results(camera)}/availability`;
  }

  /** Of the connection, retained; the broker says `offline` when it breaks. */
  get connection(): string {
    if (!this.perCamera) return `${this.#pattern}/connection`;
    const [before = ''] = this.#pattern.split(cameraLevel);
    return `${before.replace(/\/?[^/]*$/, '') || 'goshawk'}/connection`;
  }
}
