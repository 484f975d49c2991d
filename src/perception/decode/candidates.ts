/**
 * Boxes before NMS as columns, in pixels of the network's input. Filled by a decoder, reused for every frame.
 *
 * INVARIANTS
 * - every kept box is finite and has x1 < x2 and y1 < y2, and every kept score is finite;
 * - after `cap(n)` the n best scores are left, in the order in which they were added; of equal scores the earlier wins.
 */
export class Candidates {
  /** x1, y1, x2, y2 per candidate. */
  boxes = new Float32Array(4 * 1024);
  scores = new Float32Array(1024);
  classes = new Int32Array(1024);
  /** Which row of the network's outputs it was, counted over all strides. */
  rows = new Int32Array(1024);
  /** Of the next candidate. */
  row = 0;
  count = 0;
  /** Candidates above the threshold whose box or score was NaN or infinite: a sick engine, or float16 that overflowed. */
  invalid = 0;

  clear(): void {
    this.count = 0;
    this.invalid = 0;
  }

  add(classId: number, score: number, x1: number, y1: number, x2: number, y2: number): void {
    const index = this.count;
    if (index === this.scores.length) this.#grow();
    const { boxes, scores } = this;
    const b = index * 4;
    boxes[b] = x1;
    boxes[b + 1] = y1;
    boxes[b + 2] = x2;
    boxes[b + 3] = y2;
    scores[index] = score;
    this.classes[index] = classId;
    this.rows[index] = this.row;
    // Looked at after rounding to float32, where a value can overflow or a box become empty. Any NaN or infinity makes
    // the sum one too.
    if (!Number.isFinite(scores[index]! + boxes[b]! + boxes[b + 1]! + boxes[b + 2]! + boxes[b + 3]!)) {
      this.invalid += 1;
      return;
    }
    if (!(boxes[b + 2]! > boxes[b]! && boxes[b + 3]! > boxes[b + 1]!)) return;
    this.count = index + 1;
  }

  /** A box by centre and size. */
  addCentred(classId: number, score: number, cx: number, cy: number, width: number, height: number): void {
    const w = width / 2;
    const h = height / 2;
    this.add(classId, score, cx - w, cy - h, cx + w, cy + h);
  }

  /** Keeps the `limit` best scores. */
  cap(limit: number): void {
    if (this.count <= limit) return;
    const ascending = this.scores.slice(0, this.count).sort();
    const worst = ascending[this.count - limit]!;
    let ties = 0;
    for (let i = this.count - limit; i < this.count && ascending[i] === worst; i++) ties += 1;
    let kept = 0;
    for (let i = 0; i < this.count && kept < limit; i++) {
      const score = this.scores[i]!;
      if (score < worst) continue;
      if (score === worst) {
        if (ties === 0) continue;
        ties -= 1;
      }
      this.scores[kept] = score;
      this.classes[kept] = this.classes[i]!;
      this.rows[kept] = this.rows[i]!;
      this.boxes.copyWithin(kept * 4, i * 4, i * 4 + 4);
      kept += 1;
    }
    this.count = kept;
  }

  #grow(): void {
    const size = this.scores.length * 2;
    const boxes = new Float32Array(size * 4);
    const scores = new Float32Array(size);
    const classes = new Int32Array(size);
    const rows = new Int32Array(size);
    boxes.set(this.boxes);
    scores.set(this.scores);
    classes.set(this.classes);
    rows.set(this.rows);
    this.boxes = boxes;
    this.scores = scores;
    this.classes = classes;
    this.rows = rows;
  }
}
