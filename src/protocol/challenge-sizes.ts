/** Pictures in one call, and boxes of one answer: 16 answers are some 60 kB. */
export const mostChallenges = 16;
export const mostAnswered = 50;
