/** Documents that the ledger names by hash, for members that check trades against them and for everybody else: nothing in them is private. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { EXPERIMENT_STATES, type Experiment, experimentHash } from '#sandbox/experiments/experiment.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import type { Sql } from '#server/db.ts';
import { listExperiments } from '#server/exchange/experiments.repo.ts';
import { findBasis } from '#server/my-data/erasures.repo.ts';
import { findAttestation } from '#server/outbox/outbox.repo.ts';
import { artListBytes, pathOfArt } from '#server/studio/art-list.ts';
import { findListedArt, findTermsOfSerial } from '#server/studio/class-changes.repo.ts';
import { termsDocument, termsSm3 } from '#server/studio/class-terms.ts';

/** RFC 8785 bytes whose SM3 is `sm3`; `cls`: the kind whose terms are asked for. Null: not known here. */
export async function findLedgerDocument(sql: Sql, sm3: string, cls: number | null): Promise<Bytes | null> {
  if (cls !== null) {
    const over = await findTermsOfSerial(sql, cls);
    const known = over === null ? [] : [over.first, ...(over.next === null ? [] : [over.next.terms])];
    const terms = known.find((each) => toHex(termsSm3(each)) === sm3);
    return terms === undefined ? null : canonicalBytes(termsDocument(terms));
  }
  const pack = findPackByHash(sm3);
  if (pack !== null) return canonicalBytes(pack);
  const heads = await findAttestation(sql, sm3);
  if (heads !== null) return utf8(heads);
  const basis = await findBasis(sql, sm3);
  if (basis !== null) return utf8(basis);
  const art = await findListedArt(sql, sm3);
  if (art !== null) return artListBytes({ path: pathOfArt(art.type), sm3: art.sm3, size: art.size });
  const experiment = (await listExperiments(sql)).flatMap(everyState).find((each) => experimentHash(each) === sm3);
  return experiment === undefined ? null : canonicalBytes(experiment);
}

/** The document says in which state it was entered; the row says where it stands. */
const everyState = (experiment: Experiment): readonly Experiment[] => EXPERIMENT_STATES.map((status) => ({ ...experiment, status }));
