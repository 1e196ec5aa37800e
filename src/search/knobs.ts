/** Every number that ranking depends on, with its reason. They are tuned on half of `bench/relevance` and judged on the other. */
export const knobs = {
  /** Longer queries are pasted text; their first words decide. */
  maxQueryLength: 400,
  /** Each term costs one full-text query. */
  maxTerms: 8,

  /** Points for a package that has all that the query asks for, in its name. The scale of everything else. */
  relevance: 20,
  /** An exact name is what was asked for, whatever else is popular: worth more than all popularity together. */
  exactTopLevel: 12,
  /** How much of a term a match in the name satisfies, by how it matches. */
  name: {
    exact: 0.85,
    /** The last part of a path in a package set. */
    nested: 0.58,
    /** More of it per ln(1 + n) of what refers to it, up to an exact match: `numpy` is python313Packages.numpy to most. */
    nestedUse: 0.05,
    /** `python` in python3, `postgresql` in postgresql_17: this share of an exact match. */
    versioned: 0.98,
    /** The program that it installs: `rg` for ripgrep. */
    program: 0.8,
    /** At the name's start, up to a word's end: `nginx` in nginx-sso. */
    firstWord: 0.74,
    /** At the name's end, which is what the thing is: `chrome` in google-chrome. */
    lastWord: 0.98,
    /** At the name's start: `postgres` in postgresql. What is missing costs in proportion. */
    prefix: 1,
    /** A word elsewhere in the name. */
    word: 0.85,
    /** Somewhere in the name. */
    infix: 0.34,
    /** In the package set: `python` in python313Packages.numpy. */
    set: 0.4,
  },
  /** The weight of a word that says little, `simple` or `tool`, beside others. */
  weakWord: 0.5,
  /** The share of a match that is kept where words are missing, in proportion: a `diagram editor` is more than an editor. */
  missingWords: 0.5,
  /** The share of a match that is kept where the rest of the name is something else, however long. */
  nameRest: 0.58,
  /** How much of a term a match in the description satisfies: the least, and for the densest one. */
  description: [0.66, 0.7],
  /** What a match in the long description satisfies: many words are in it that say little of the package. */
  longDescription: 0.2,
  /** What a match of another word for the same thing is worth. */
  synonym: 0.85,
  /** Names that other words make are looked for up to this length: longer ones are hardly names. */
  longestReworded: 10,
  /** Of several words one that names the package set: the others are looked for in it, as if they stood alone. */
  setAmongWords: 0.75,
  /** Of several words one that is part of a name; one that is the whole name, `rustc` in `rust compiler rustc`, counts in full. */
  nameAmongWords: 0.5,
  /** The share of a match in the description that is kept where only the stem is the same: `offices`, `official`. */
  stemmed: 0.4,
  /** A second place where the term matches adds this share of what is missing. */
  both: 0.21,
  /** A word that so many descriptions have is a kind of thing, and a name that has it among others says no more than they: `backup`. */
  generic: 100,
  /** The share of such a match in part of a name that is kept. */
  partOfGeneric: 0.85,
  /** The share of a match inside a longer word that is kept for words of the thesaurus: `daw` is no beginning of `dawn`. */
  partOfKnown: 0.7,
  /** Shorter terms match names at word edges only: `go` is in 2,000 names. */
  minInfix: 4,

  /** The words side by side, in order: `password manager`. Points. */
  phrase: 1.9,
  /** The words before the description's first "for", "with", …: what it is, not what it is for. Points. */
  subject: 1,

  /** Points per ln(1 + n): what people run shows in NixOS modules and tests, dependents alone favour libraries. */
  modules: 1.1,
  tests: 0.5,
  dependents: 0.45,
  /** Points per unit of `effort`, at top level: the applications that people run are named by no module, but they are large. */
  effort: 0.14,
  /** Points per ln(rank), rank above 1. */
  rank: 0.12,
  /** Points per ln(variants): what is kept in several versions matters. */
  variants: 0.3,
  /** Points per ln(1 + n) for what refers to this very variant: the one that is used most is shown. */
  own: 0.08,
  /** Of variants that match alike the one that names the package is shown. */
  namesake: 0.4,
  /** Points off per letter of the name: of variants the plain one is shown. */
  letter: 0.02,
  /** Popularity counts in full for what matches well and less for what hardly does. */
  popularityFloor: 0.15,

  /** Points off. Broken and insecure packages stay findable. */
  broken: 3,
  insecure: 2,
  unavailable: 1,
  /** A member of a package set is rarely meant when its set is not named. */
  nested: 1.5,
  /** Points for complete metadata, by its quality (0 to 1). */
  quality: 1.5,

  /** Typos: names are compared only where a term is found hardly anywhere. */
  typoWhenFewer: 3,
  typoMinLength: 4,
  /** No name is longer, and the full-text index refuses to look for much longer ones. */
  typoMaxLength: 40,
  /** A letter for four, two from this length on. */
  typoTwoFrom: 8,
  /** What a name one letter away satisfies; the second letter costs as much again. */
  typo: 0.85,
  typoStep: 0.12,
  /** The share of that where the term as it was typed is found as well: the beginning of a rare name, perhaps. */
  typoBesideOthers: 0.6,

  /** Candidates that the vectors give, and what the nearest satisfies. */
  vectorCandidates: 300,
  vector: 0.6,
  /** The same for a single word, which is a name more often than not. */
  vectorOfOneWord: 0.25,
  /** Hits that the phrase and the subject are looked at for. */
  lookedAt: 120,
};
