/** A query with its graded answers: a line of queries.jsonl. */
export interface Query {
  query: string;
  kind: 'exact' | 'prefix' | 'typo' | 'program' | 'words' | 'intent' | 'alias';
  answers: { attribute_path: string; grade: 1 | 2 | 3 }[];
  /** `tune` may be looked at while ranking is worked on; `report` is for reporting alone. */
  split: 'tune' | 'report';
  judged: 'by hand' | 'blind' | 'drawn';
}
