/**
 * Minimum-cost assignment of rows to columns with a limit: a pair whose cost is not below `limit` is never made, and
 * leaving a row and a column unmatched costs `limit`, so a good pair is not torn apart to make two bad ones
 * (ByteTrack's lapjv with cost_limit). `cost` is row by row. Returns the column of each row, -1 for none.
 *
 * Boxes overlap few others, so the pairs below the limit fall into small groups; each group is solved on its own.
 */
export function assign(cost: Float64Array, rows: number, columns: number, limit: number): Int32Array {
  const result = new Int32Array(rows).fill(-1);
  for (const group of groups(cost, rows, columns, limit)) {
    if (group.rows.length === 1 && group.columns.length === 1) {
      result[group.rows[0]!] = group.columns[0]!;
      continue;
    }
    const wide = group.rows.length <= group.columns.length;
    const few = wide ? group.rows : group.columns;
    const many = wide ? group.columns : group.rows;
    const at = (i: number, j: number) =>
      Math.min(limit, wide ? cost[few[i]! * columns + many[j]!]! : cost[many[j]! * columns + few[i]!]!);
    for (const [i, j] of hungarian(at, few.length, many.length).entries()) {
      if (at(i, j) >= limit) continue;
      const row = wide ? few[i]! : many[j]!;
      result[row] = wide ? many[j]! : few[i]!;
    }
  }
  return result;
}

interface Group {
  readonly rows: number[];
  readonly columns: number[];
}

/** Connected parts of the graph of pairs below the limit. */
function groups(cost: Float64Array, rows: number, columns: number, limit: number): Group[] {
  const found: Group[] = [];
  const rowSeen = new Uint8Array(rows);
  const columnSeen = new Uint8Array(columns);
  for (let start = 0; start < rows; start++) {
    if (rowSeen[start]) continue;
    rowSeen[start] = 1;
    const group: Group = { rows: [start], columns: [] };
    const queue = [start];
    for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
      for (let column = 0; column < columns; column++) {
        if (columnSeen[column] || !(cost[row * columns + column]! < limit)) continue;
        columnSeen[column] = 1;
        group.columns.push(column);
        for (let other = 0; other < rows; other++) {
          if (rowSeen[other] || !(cost[other * columns + column]! < limit)) continue;
          rowSeen[other] = 1;
          group.rows.push(other);
          queue.push(other);
        }
      }
    }
    if (group.columns.length > 0) found.push(group);
  }
  return found;
}

/**
 * Shortest augmenting paths with potentials (Jonker and Volgenant 1987), n <= m, O(n^2 m). Every row gets a column.
 */
function hungarian(cost: (row: number, column: number) => number, n: number, m: number): Int32Array {
  // Row and column 0 are the free ends of a path; real ones count from 1.
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(m + 1);
  const rowOf = new Int32Array(m + 1);
  const previous = new Int32Array(m + 1);
  const distance = new Float64Array(m + 1);
  const done = new Uint8Array(m + 1);
  for (let row = 1; row <= n; row++) {
    rowOf[0] = row;
    distance.fill(Number.POSITIVE_INFINITY);
    done.fill(0);
    let column = 0;
    do {
      done[column] = 1;
      const current = rowOf[column]!;
      let step = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= m; j++) {
        if (done[j]) continue;
        const reduced = cost(current - 1, j - 1) - rowPotential[current]! - columnPotential[j]!;
        if (reduced < distance[j]!) {
          distance[j] = reduced;
          previous[j] = column;
        }
        if (distance[j]! < step) {
          step = distance[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= m; j++) {
        if (done[j]) {
          rowPotential[rowOf[j]!]! += step;
          columnPotential[j]! -= step;
        } else {
          distance[j]! -= step;
        }
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const before = previous[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }
  const columnOf = new Int32Array(n);
  for (let j = 1; j <= m; j++) if (rowOf[j] !== 0) columnOf[rowOf[j]! - 1] = j - 1;
  return columnOf;
}
