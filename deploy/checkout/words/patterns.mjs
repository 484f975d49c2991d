// Words that pages, help, messages and the dashboard do without: what to look for, and what to write instead.
/** @type {readonly { pattern: RegExp, instead: string, heads?: boolean }[]} */
export const patterns = [
  {
    pattern: /\b(nobody|somebody|whoever|everybody|whom)\b/gi,
    instead: 'name the person, program or device',
  },
  {
    pattern: /(?:^|[.;:,]\s)nothing\b|\bnothing (?:is|are|was|were|of|but|else|has|can|may|that|in|here)\b/gi,
    instead: 'say it of the thing: "X is not ..."',
  },
  {
    pattern: /(?:^|[.;:]\s)(?:what|who|whose) [^.?!;]+(?:[.!;:](?=\s|$)|$)/gi,
    instead: 'begin with the thing, not with a clause',
    heads: false,
  },
  {
    pattern: /\b(lies|lie|lay|lain|stands|stood|stand(?!-| for\b| alone\b| by\b| out\b))\b/gi,
    instead: 'stored, listed, located or is',
  },
  {
    pattern: /\b(?:of (?:its|their) own|by (?:itself|themselves))\b/gi,
    instead: 'automatically, separate, or nothing',
  },
  { pattern: /\b(?:mend|mends|mended|mending)\b/gi, instead: 'fix' },
  { pattern: /\banew\b/gi, instead: 'again, or a verb with re-' },
  { pattern: /\blook(?:s|ed|ing)? after\b/gi, instead: 'watch, manage or handle' },
  { pattern: /\b(?:go|goes|went|gone|going) (?:on|back)\b/gi, instead: 'continue, roll back or return' },
  { pattern: /\b(?:throw|throws|threw|thrown|put) out\b/gi, instead: 'disconnect or remove' },
  { pattern: /(?:^|[.;:,]\s)else\b|\belse(?=[.;,])/gi, instead: 'otherwise' },
  { pattern: /\bof (?:now|before)\b|\bthe (?:one|ones) before\b/gi, instead: 'current or previous' },
  {
    pattern: /\b(?:is|are|was|were) (?:told|asked for|let in)\b/gi,
    instead: 'reported, requested or enrolled',
  },
  { pattern: /\blet in\b/gi, instead: 'enrolled, accepted or admitted' },
  { pattern: /(?:^|[.;]\s)Of (?!the \d)/g, instead: 'begin with the thing, not with "of"' },
  { pattern: /(?:^|[.;]\s)Where\s[^.?:]*, (?!where\b)/g, instead: 'if or when' },
  { pattern: /\blook(?:s|ed|ing)? (?:whether|who|what|how|which)\b/gi, instead: 'check or find out' },
  { pattern: /\bunder way\b/gi, instead: 'in progress or running' },
  {
    pattern: /\b(?:stays?|stayed|is|are|be|was) so(?= for\b|[.,;:])/gi,
    instead: 'happens again, or the state itself',
  },
  { pattern: /\btak(?:e|es|en|ing) (?:\S+ ){1,5}out of\b/gi, instead: 'remove from' },
  { pattern: /\b(?:is|are) there (?:already|twice)\b/gi, instead: 'exists already, is listed twice' },
  { pattern: /\bin force\b/gi, instead: 'enabled or active' },
  {
    pattern:
      /(?<![\w.,])(?:0|[2-9]|\d{2,}) (?:device|camera|alert|model|rollout|group)\b(?! \w+s\b)|(?<![\w.,])1 (?:devices|cameras|alerts|models|rollouts|groups)\b/g,
    instead: 'a number and its noun agree',
  },
  {
    // A value of a template is `…` here. "… of … cameras" and bounds are excepted.
    pattern:
      /(?<!\b(?:[Aa]t most|[Aa]t least|[Mm]ore than|[Ff]ewer than|[Ll]ess than|[Uu]p to|of|the|first|last|every) )… (?:cameras|devices|files|pictures|lines|members|alerts|rollouts|groups|clips|entries|messages|frames(?!\/s| per second)|parts|minutes|rules|requests|sequence gaps)\b/g,
    instead: 'counted(n, noun), so that one is singular',
  },
  { pattern: /\b[Cc]an not\b/g, instead: 'cannot' },
];

/** In columns of the terminal; tables and code are excepted. */
export const longestLine = 120;
