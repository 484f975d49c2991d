import type { JSX } from 'preact';

/** Line drawings on a grid of 16; they take the colour of the text around them. */
const drawings = {
  data: 'M2 3.5h12v9H2zM2 10.5l3.4-3.4 3 3L10.6 8l3.4 3.2M11 5.6v.1',
  fleet: 'M2 3h5v4H2zM9 3h5v4H9zM2 9h5v4H2zM9 9h5v4H9z',
  drift: 'M1.8 10.5c1.6 0 2-5 3.6-5s1.8 4 3.2 4 1.8-6 3.4-6M1.8 13.8h12.4M13.9 3.4l-2-.9M13.9 3.4l-1.4 1.7',
  bell: 'M8 2.2a3.6 3.6 0 0 0-3.6 3.6v2.9L3 11h10l-1.4-2.3V5.8A3.6 3.6 0 0 0 8 2.2zM6.6 13.2a1.5 1.5 0 0 0 2.8 0M1.6 5.6A6.4 6.4 0 0 1 3.4 2M14.4 5.6A6.4 6.4 0 0 0 12.6 2',
  events: 'M8 2a4 4 0 0 0-4 4v3L2.5 11.5h11L12 9V6a4 4 0 0 0-4-4zM6.5 13.5a1.6 1.6 0 0 0 3 0',
  models: 'M8 1.8 13.6 5v6L8 14.2 2.4 11V5zM2.4 5 8 8.2 13.6 5M8 8.2v6',
  audit: 'M3.5 2h7L13 4.5V14H3.5zM10 2v3h3M6 8h4.5M6 10.8h4.5',
  now: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM8 4.6V8l2.4 1.6',
  person: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 14c.4-2.8 2.4-4.4 5.2-4.4s4.8 1.6 5.2 4.4',
  expand: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  tokens:
    'M10.5 9.5a4 4 0 1 0-4-4c0 .6.1 1.1.3 1.6L2 11.9V14h2.5v-1.8h1.8v-1.8h1.4l.7-.7c.6.4 1.3.6 2.1.6M11 5.2h.01',
  rollout: 'M2.5 13.5h3v-3h-3zM6.5 10.5h3v-3h-3zM10.5 7.5h3v-3h-3zM8 3.2h5M11 1.4l2 1.8-2 1.8',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  cross: 'm4 4 8 8M12 4l-8 8',
  warning: 'M8 2 14.5 13.5h-13zM8 6.2v3.6M8 11.8v.1',
  error: 'M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM8 4.8v3.8M8 11v.1',
  help: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM6.2 6.3a1.8 1.8 0 1 1 2.7 1.6c-.6.3-.9.7-.9 1.3M8 11.2v.1',
  info: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM8 7.2v4M8 4.8v.1',
  offline:
    'm2 2 12 12M8 12.4v.1M5.6 9.9a3.6 3.6 0 0 1 3.3-.9M3.2 7.4a7 7 0 0 1 2.2-1.5M8.3 5.2a7 7 0 0 1 4.5 2.2M1 4.9a10.3 10.3 0 0 1 2.2-1.5M6.6 2.6A10.3 10.3 0 0 1 15 4.9',
  back: 'M10 3 5 8l5 5',
  next: 'm6 3 5 5-5 5',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13',
  moon: 'M13.5 9.6A5.9 5.9 0 0 1 6.4 2.5a5.9 5.9 0 1 0 7.1 7.1z',
  exit: 'M9.5 2.5h-6v11h6M7 8h7M11.5 5.2 14.2 8l-2.7 2.8',
  camera: 'M1.8 4h8.4v8H1.8zM10.2 7.2 14.2 5v6l-4-2.2',
  snapshot: 'M1.8 5h3l1.2-2h4l1.2 2h3v8H1.8zM8 11.2a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8z',
  chip: 'M4 4h8v8H4zM6.4 6.4h3.2v3.2H6.4zM6 1.5V4M10 1.5V4M6 12v2.5M10 12v2.5M1.5 6H4M1.5 10H4M12 6h2.5M12 10h2.5',
  add: 'M8 3v10M3 8h10',
  settings: 'M2 4.5h6M11 4.5h3M2 11.5h3M8 11.5h6M9.5 6.2V2.8M6.5 13.2V9.8',
  swap: 'M2.5 5.5h10M10 2.8l2.7 2.7L10 8.2M13.5 10.5h-10M6 7.8l-2.7 2.7L6 13.2',
  refresh: 'M13.5 8a5.5 5.5 0 1 1-1.7-4M13.6 1.8v2.8h-2.8',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 2.8v10.4L13 8z',
} as const;

export type IconName = keyof typeof drawings;

/** Decoration: the words beside it (or the label of its button) say the meaning. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={drawings[name]} />
    </svg>
  );
}

/** The mark: a goshawk's head with its white brow, hooked bill and amber eye. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        class="mark-head"
        d="M5 27C3.6 14.5 9.5 5 19 4.2c4.6-.3 7.6 2.2 8.5 5.6 1.8.9 2.9 2.7 2.6 5.4-.1 1.2-.5 2.3-1.2 3.3-.6-2-1.8-3.2-3.7-3.6-2.2 1.3-4.4 2.2-6.1 4.3-1.9 2.3-2.2 5.2-1.6 7.8z"
      />
      <path class="mark-brow" d="M8.2 15.2c2.6-4.2 8-6.4 15.4-5.6l-1.1 1.6c-5.6-.6-10.2.7-14.3 4z" />
      <circle class="mark-eye" cx="20" cy="12.6" r="1.9" />
    </svg>
  );
}
