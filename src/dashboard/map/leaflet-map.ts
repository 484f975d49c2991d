import {
  CRS,
  map as createMap,
  divIcon,
  geoJSON,
  imageOverlay,
  type LatLngTuple,
  type Map as LeafletMap,
  Marker,
  tileLayer,
} from 'leaflet';
import { feature } from 'topojson-client';
import countries from 'world-atlas/countries-110m.json';

/* Maps and plans by Leaflet: what touches its objects is here alone, in a file of the page that is loaded when needed. */

export interface Pin {
  readonly id: string;
  /** Class of the colour. */
  readonly tone: string;
  /** Shown beside it, and read aloud. */
  readonly words: string;
  /** North and east on a map; down from the top as a negative number, and right, in pixels of a plan. */
  readonly at: LatLngTuple;
}

export interface PinMapOptions {
  readonly onOpen: (id: string) => void;
  /** A pin was moved by hand; absent: pins stay where they are. */
  readonly onMove?: (id: string, at: LatLngTuple) => void;
}

export interface Tiles {
  readonly address: string;
  readonly attribution: string;
}

/** The closest that pins are brought into view: of tiles, and of the outline, which has few details. */
const closest = { tiles: 13, outline: 5 };
/** So many names do not cover each other yet. */
const mostNames = 30;

export class PinMap {
  readonly #map: LeafletMap;
  readonly #markers = new Map<string, Marker>();
  readonly #options: PinMapOptions;
  readonly #closest: number;
  #fitted = false;
  /** The pin that is being dragged. */
  #held: string | undefined;

  private constructor(
    element: HTMLElement,
    options: PinMapOptions,
    { plane, near = closest.tiles }: { plane: boolean; near?: number },
  ) {
    this.#options = options;
    this.#closest = near;
    this.#map = createMap(element, {
      ...(plane ? { crs: CRS.Simple, minZoom: -5 } : { worldCopyJump: true, minZoom: 1 }),
      attributionControl: true,
      zoomAnimation: false,
      fadeAnimation: false,
    });
    this.#map.attributionControl.setPrefix(false);
  }

  /** The world, with tiles or with the outline of its land. */
  static ofWorld(element: HTMLElement, options: PinMapOptions, tiles: Tiles | undefined): PinMap {
    const near = tiles === undefined ? closest.outline : closest.tiles;
    const made = new PinMap(element, options, { plane: false, near });
    if (tiles === undefined) made.#map.addLayer(outline());
    else
      made.#map.addLayer(
        tileLayer(tiles.address, {
          attribution: escaped(tiles.attribution),
          maxZoom: 19,
          // Public tile servers refuse pages that do not say who they are; the path stays here.
          referrerPolicy: 'strict-origin',
        }),
      );
    made.#map.setView([20, 0], 2);
    return made;
  }

  /** A picture of so many pixels. */
  static ofPlan(
    element: HTMLElement,
    options: PinMapOptions,
    picture: { readonly address: string; readonly width: number; readonly height: number },
  ): PinMap {
    const made = new PinMap(element, options, { plane: true });
    const bounds: [LatLngTuple, LatLngTuple] = [
      [-picture.height, 0],
      [0, picture.width],
    ];
    made.#map.addLayer(imageOverlay(picture.address, bounds));
    made.#map.fitBounds(bounds);
    made.#fitted = true;
    return made;
  }

  /** The first time, everything is brought into view. Pins that stay are changed and not made again: one may be held. */
  show(pins: readonly Pin[]): void {
    const wanted = new Map(pins.map((pin) => [pin.id, pin]));
    for (const [id, marker] of this.#markers) if (!wanted.has(id)) this.#remove(id, marker);
    for (const pin of pins) {
      const marker = this.#markers.get(pin.id);
      if (marker === undefined) this.#add(pin);
      else this.#change(marker, pin);
    }
    if (this.#fitted || pins.length === 0) return;
    this.#fitted = true;
    this.#map.fitBounds(
      pins.map(({ at }) => at),
      { maxZoom: this.#closest, padding: [40, 40] },
    );
  }

  close(): void {
    this.#map.remove();
  }

  #add({ id, tone, words, at }: Pin): void {
    const { onOpen, onMove } = this.#options;
    const icon = divIcon({ className: classOf(tone), iconSize: [16, 16] });
    const marker = new Marker(at, {
      ...{ icon, alt: words, title: words, keyboard: true, draggable: onMove !== undefined },
    });
    marker.bindTooltip(escaped(id), {
      direction: 'right',
      offset: [8, 0],
      permanent: this.#markers.size < mostNames,
    });
    marker.on('click', () => onOpen(id));
    marker.on('keypress', ({ originalEvent }) => originalEvent.key === 'Enter' && onOpen(id));
    marker.on('dragstart', () => {
      this.#held = id;
    });
    marker.on('dragend', () => {
      this.#held = undefined;
      const { lat, lng } = marker.getLatLng();
      onMove?.(id, [lat, lng]);
    });
    this.#markers.set(id, marker);
    marker.addTo(this.#map);
  }

  #change(marker: Marker, { id, tone, words, at }: Pin): void {
    if (this.#held === id) return;
    marker.setLatLng(at);
    const element = marker.getElement();
    if (element === undefined || element.title === words) return;
    element.title = words;
    element.setAttribute('alt', words);
    for (const name of [...element.classList]) if (name.startsWith('tone-')) element.classList.remove(name);
    element.classList.add(`tone-${tone}`);
  }

  #remove(id: string, marker: Marker): void {
    marker.remove();
    this.#markers.delete(id);
  }
}

const classOf = (tone: string): string => `pin tone-${tone}`;

function outline() {
  const world = countries as unknown as Parameters<typeof feature>[0];
  return geoJSON(feature(world, world.objects.countries as never), {
    interactive: false,
    style: { className: 'land', weight: 1 },
    attribution: 'Natural Earth',
  });
}

/** Leaflet takes HTML. */
function escaped(text: string): string {
  const element = document.createElement('span');
  element.textContent = text;
  return element.innerHTML;
}
