/** Where an object is by what was made sure, and to which side it may be on its way. */
export type Membership = 'outside' | 'entering' | 'inside' | 'leaving';
/** Where it was seen: `far` from the border, or on that side for long enough. */
export type Sight = 'far-out' | 'near-out' | 'near-in' | 'far-in';

/** An edge that flickers over the border moves an object between two neighbours of this table, and is no event. */
export const memberships: Readonly<Record<Membership, Readonly<Record<Sight, Membership>>>> = {
  outside: { 'far-out': 'outside', 'near-out': 'outside', 'near-in': 'entering', 'far-in': 'inside' },
  entering: { 'far-out': 'outside', 'near-out': 'outside', 'near-in': 'entering', 'far-in': 'inside' },
  inside: { 'far-in': 'inside', 'near-in': 'inside', 'near-out': 'leaving', 'far-out': 'outside' },
  leaving: { 'far-in': 'inside', 'near-in': 'inside', 'near-out': 'leaving', 'far-out': 'outside' },
};

/** A line that an object has crossed and may cross back. */
export type Passage = 'clear' | 'in' | 'out';
/** Its last step crossed the line, or it is `far` from the line, or neither. */
export type Step = 'in' | 'out' | 'far' | 'near';

/** What counts is a passage that `far` makes sure, or that is followed by another one to the same side. */
export const passages: Readonly<Record<Passage, Readonly<Record<Step, Passage>>>> = {
  clear: { in: 'in', out: 'out', far: 'clear', near: 'clear' },
  in: { in: 'in', out: 'clear', far: 'clear', near: 'in' },
  out: { in: 'clear', out: 'out', far: 'clear', near: 'out' },
};

/** Seen so often, and for the time that a rule gives, an object near a border is on that side. */
export const leastSightings = 3;
