/** Facts that go with an error code; plain data, so that a log line or an answer can carry them. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean>>;

/** Hostile or corrupt input at a boundary. `code` is stable, the message is for the operator. */
export class ParseError extends Error {
  readonly code: string;
  readonly facts: ErrorFacts;
  constructor(code: string, facts: ErrorFacts = {}) {
    super(`${code}${Object.keys(facts).length > 0 ? ` ${JSON.stringify(facts)}` : ''}`);
    this.name = 'ParseError';
    this.code = code;
    this.facts = facts;
  }
}
