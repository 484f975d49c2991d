import type { JSX } from 'preact';
import { partOf, type Standing, standingWords } from './standing.ts';

const width = 320;
const height = 26;

/** Which part of the cameras or devices the second version has, and where the line of what was asked is. */
export function ShareBar({ standing }: { standing: Standing }): JSX.Element {
  const { b, waits, all, asked } = standing;
  const x = (part: number) => Math.round(width * part * 10) / 10;
  const [has, will] = [x(partOf(b, all)), x(partOf(b + waits, all))];
  return (
    <span class="share">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
        <rect class="share-all" x={0} y={6} width={width} height={height - 12} />
        <rect class="share-will" x={0} y={6} width={will} height={height - 12} />
        <rect class="share-has" x={0} y={6} width={has} height={height - 12} />
        {asked !== undefined && (
          <line class="share-asked" x1={x(asked / 100)} x2={x(asked / 100)} y1={0} y2={height} />
        )}
      </svg>
      <span class="sub">{standingWords(standing)}</span>
    </span>
  );
}
