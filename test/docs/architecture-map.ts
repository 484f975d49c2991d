import { importsOf, includesOf, isTypeScript, type Project } from '../architecture/project.ts';
import { folderOf, roomOf } from '../architecture/rooms.ts';
import type { Room, Table } from '../architecture/table.ts';

/** One box of the map. */
interface Box {
  readonly name: string;
  readonly level: number;
  readonly lines: number;
  /** Of a group that has one row, e.g. all adapters: how many there are. */
  readonly folders: number | undefined;
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  /** How many imports there are. */
  readonly count: number;
}

export interface Panel {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** What is drawn: the rooms of TypeScript, and the folders of C++ below `native`. */
export function panelsOf(project: Project, table: Table): readonly [rooms: Panel, cpp: Panel] {
  const group = (path: string) => roomOf(path).split('/')[0] ?? path;
  const typescript = (path: string) => isTypeScript(path);
  return [
    panel('TypeScript', [...table.pure, ...table.impure], importsOf(project), group, project, typescript),
    panel(
      'C++ below native/',
      table.cpp,
      includesOf(project),
      folderOf,
      project,
      (path) => !typescript(path),
    ),
  ];
}

function panel(
  title: string,
  rows: readonly Room[],
  imports: ReturnType<typeof importsOf>,
  boxOf: (path: string) => string,
  project: Project,
  belongs: (path: string) => boolean,
): Panel {
  const known = rows.filter(({ reserved }) => !reserved);
  const lines = new Map<string, number>();
  for (const [path, text] of project)
    if (belongs(path)) lines.set(boxOf(path), (lines.get(boxOf(path)) ?? 0) + text.split('\n').length - 1);
  const counts = new Map<string, number>();
  for (const { file, target, ours } of imports) {
    const way = `${boxOf(file)} ${boxOf(target)}`;
    if (ours && boxOf(file) !== boxOf(target)) counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  const names = new Set(known.map(({ name }) => name));
  const arrows = [...counts].map(([way, count]) => {
    const [from = '', to = ''] = way.split(' ');
    return { from, to, count };
  });
  return {
    title,
    boxes: known.map(({ name, level, outside }) => ({
      ...{ name, level, lines: lines.get(name) ?? 0 },
      folders: outside.includes('one each') ? foldersOf(name, project) : undefined,
    })),
    arrows: arrows.filter(({ from, to }) => names.has(from) && names.has(to)),
  };
}

function foldersOf(name: string, project: Project): number {
  return new Set([...project.keys()].map(roomOf).filter((room) => room.startsWith(`${name}/`))).size;
}

/** Arrows that another way of the map tells as well: those are drawn faint. */
function isTold({ from, to }: Arrow, arrows: readonly Arrow[]): boolean {
  const next = (name: string) => arrows.filter((arrow) => arrow.from === name).map((arrow) => arrow.to);
  const seen = new Set(next(from).filter((name) => name !== to));
  for (const name of seen) for (const further of next(name)) seen.add(further);
  return seen.has(to);
}

interface Placed extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const margin = 24;
const boxHeight = 46;
const levelHeight = 104;
const gap = 12;
const pageWidth = 1180;
/** By the level that an arrow comes from. */
const colours = ['#57606a', '#0550ae', '#116329', '#953800', '#6639ba', '#a40e26'];

/** A picture that needs no font and no background of its own page. */
export function drawMap(panels: readonly Panel[]): string {
  const heights = panels.map(({ boxes }) => margin + 20 + levelHeight * levelsOf(boxes).length);
  const height = heights.reduce((sum, one) => sum + one, 0) + 44;
  let top = 0;
  const drawn = panels.map((one, index) => {
    const group = drawPanel(one, top);
    top += heights[index] ?? 0;
    return group;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pageWidth} ${height}" width="${pageWidth}" height="${height}" role="img" aria-label="The rooms of Goshawk by level, and who imports whom">
<!-- Drawn from the imports by: npm run docs:map -->
<style>
text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.name { font-size: 13px; font-weight: 600; text-anchor: middle }
.lines, .level { font-size: 11px; fill: #57606a }
.lines { text-anchor: middle }
.title { font-size: 15px; font-weight: 600 }
rect.box { fill: #ffffff; stroke: #8c959f; stroke-width: 1.2 }
path { fill: none; stroke-linecap: round }
.told { opacity: 0.22 }
</style>
<defs>
${colours.map((colour, level) => arrowHead(`head${level}`, colour)).join('\n')}
</defs>
<rect x="0.5" y="0.5" width="${pageWidth - 1}" height="${height - 1}" rx="10" fill="#f6f8fa" stroke="#d0d7de"/>
${drawn.join('\n')}
<text class="level" x="${margin}" y="${height - 30}">An arrow leads to the room that is imported; it has the colour of the level that it comes from, and is the wider the more imports there are.</text>
<text class="level" x="${margin}" y="${height - 14}">Faint: the same can be reached over other arrows. Below a name: lines of code.</text>
</svg>
`;
}

function arrowHead(id: string, colour: string): string {
  const shape = `<path d="M 0 0.5 L 7 4 L 0 7.5 z" style="fill:${colour}"/>`;
  return `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">${shape}</marker>`;
}

/** The highest first. */
function levelsOf(boxes: readonly Box[]): number[] {
  return [...new Set(boxes.map(({ level }) => level))].sort((a, b) => b - a);
}

function drawPanel({ title, boxes, arrows }: Panel, top: number): string {
  const placed = place(boxes, arrows, top + margin + 20);
  const byName = new Map(placed.map((box) => [box.name, box]));
  const middle = (name: string) => (byName.get(name)?.x ?? 0) + (byName.get(name)?.width ?? 0) / 2;
  const ends = (name: string, side: 'from' | 'to') => {
    const far = side === 'from' ? 'to' : 'from';
    return arrows.filter((arrow) => arrow[side] === name).sort((a, b) => middle(a[far]) - middle(b[far]));
  };
  /** Arrows of one box part from, or meet, along its edge in the order of where they lead. */
  const along = (arrow: Arrow, side: 'from' | 'to') => {
    const all = ends(arrow[side], side);
    const box = byName.get(arrow[side]);
    return (box?.x ?? 0) + ((box?.width ?? 0) * (all.indexOf(arrow) + 1)) / (all.length + 1);
  };
  const drawArrow = (arrow: Arrow) => {
    const from = byName.get(arrow.from);
    const to = byName.get(arrow.to);
    if (from === undefined || to === undefined) return '';
    const told = isTold(arrow, arrows);
    const width = Math.min(3.2, 0.9 + Math.log10(arrow.count) * 1.1).toFixed(1);
    const start = { x: along(arrow, 'from'), y: from.y + boxHeight };
    const end = { x: along(arrow, 'to'), y: to.level === from.level ? to.y + boxHeight + 1 : to.y - 1 };
    const bend = to.level === from.level ? 34 : (end.y - start.y) / 2;
    const points = [start.x, start.y + bend, end.x, to.level === from.level ? end.y + bend : end.y - bend];
    const way = `M ${round(start.x)} ${round(start.y)} C ${points.map(round).join(' ')} ${round(end.x)} ${round(end.y)}`;
    return `<path data-from="${arrow.from}" data-to="${arrow.to}" class="${told ? 'told' : 'way'}" stroke="${colours[from.level]}" stroke-width="${width}" marker-end="url(#head${from.level})" d="${way}"/>`;
  };
  const sorted = [...arrows].sort((a, b) => Number(isTold(b, arrows)) - Number(isTold(a, arrows)));
  const levels = levelsOf(boxes).map((level) => {
    const y = placed.find((box) => box.level === level)?.y ?? 0;
    return `<text class="level" x="${margin}" y="${y + boxHeight / 2 + 4}">level ${level}</text>`;
  });
  return [
    `<text class="title" x="${margin}" y="${top + margin + 4}">${title}</text>`,
    ...levels,
    ...sorted.map(drawArrow),
    ...placed.map(drawBox),
  ].join('\n');
}

function drawBox({ name, lines, folders, x, y, width }: Placed): string {
  const middle = round(x + width / 2);
  const size = `${folders === undefined ? '' : `${folders} folders, `}${lines.toLocaleString('en')}`;
  return `<g data-room="${name}"><rect class="box" x="${round(x)}" y="${y}" width="${round(width)}" height="${boxHeight}" rx="6"/><text class="name" x="${middle}" y="${y + 20}">${name}</text><text class="lines" x="${middle}" y="${y + 36}">${size}</text></g>`;
}

const round = (value: number) => Math.round(value * 10) / 10;

/** Rows by level; within one, boxes move next to what they are joined with (a few turns of the barycentre rule). */
function place(boxes: readonly Box[], arrows: readonly Arrow[], top: number): Placed[] {
  const levels = levelsOf(boxes);
  const rows = levels.map((level) => boxes.filter((box) => box.level === level));
  const left = margin + 60;
  const width = pageWidth - left - margin;
  const spread = (row: readonly Box[], y: number): Placed[] => {
    const slot = width / row.length;
    const boxWidth = Math.min(slot - gap, 190);
    return row.map((box, at) => ({ ...box, y, width: boxWidth, x: left + slot * (at + 0.5) - boxWidth / 2 }));
  };
  const layOut = () => rows.flatMap((row, at) => spread(row, top + at * levelHeight));
  for (let turn = 0; turn < 8; turn++)
    for (const [at, row] of rows.entries()) {
      const middles = new Map(layOut().map((box) => [box.name, box.x + box.width / 2]));
      const pull = ({ name }: Box) => {
        const joined = arrows.flatMap(({ from, to }) => (from === name ? [to] : to === name ? [from] : []));
        const sum = joined.reduce((total, other) => total + (middles.get(other) ?? 0), 0);
        return joined.length === 0 ? (middles.get(name) ?? 0) : sum / joined.length;
      };
      rows[at] = [...row].sort((a, b) => pull(a) - pull(b));
    }
  return layOut();
}
