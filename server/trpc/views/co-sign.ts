/** A LedgerTx that waits for a supervisor who signs elsewhere, as pages and the command see it. */
import type { CoSignKind, CoSignState } from '#sandbox/cases/co-sign.ts';
import type { Texts } from '#sandbox/packs/rule-pack.ts';
import type { Hex, IsoText } from './words.ts';

export type CoSignView = {
  readonly coSignId: string;
  readonly kind: CoSignKind;
  /** Of an experiment; else empty. */
  readonly step: string;
  readonly txId: Hex;
  /** What is signed, in words. */
  readonly about: Texts;
  readonly askedBy: string;
  readonly askedAt: IsoText;
  readonly until: IsoText;
  /** `signed` and not done: the step is being entered. */
  readonly state: CoSignState;
  readonly isDone: boolean;
  readonly answeredAt: IsoText | null;
  /** Of a refusal to sign; of what ended the sentence. */
  readonly reason: string | null;
  /** Why it ended without its step. */
  readonly endCode: string | null;
};
