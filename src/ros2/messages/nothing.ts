/** What a message without fields has on the wire, since IDL knows no empty structure. */
export const nothing = 'structure_needs_at_least_one_member';
