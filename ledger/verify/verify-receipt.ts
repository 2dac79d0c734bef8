/**
 * The offline verifier (`ledger.md` 17): proves a receipt from its bytes and a 32-byte ChainId alone. No network, no clock,
 * the same function in the auditor's command, on the page and in the saved file.
 */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { type ErrorFacts, ParseError } from '#ledger/primitives/errors.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { decodeReceipt, decodeTrustBundle, isReceipt, type Receipt, type TrustBundle } from '#ledger/proof/receipt.ts';
import { chainIdOf } from '#ledger/tx/ids.ts';
import { answerQuestion } from './answer-question.ts';
import type { StepNumber } from './codes.ts';
import {
  type Consortium,
  hasLastResort,
  verifyGenesis,
  verifyHeader,
  verifyLinks,
  verifyQuorum,
  verifyVotes,
  voterConfig,
} from './consortium.ts';
import { makeVerdict } from './make-verdict.ts';
import {
  type Certification,
  demand,
  type Finding,
  type Outcome,
  type Question,
  type Step,
  type Verdict,
  VerifyFailure,
} from './verdict.ts';
import { readPool, verifyMemberCertificate } from './verify-certificates.ts';
import { Proven, requireDistinct, verifyEntries, verifyRelations, verifyState } from './verify-claims.ts';
import { verifyFields, verifySigners } from './verify-signers.ts';

export interface VerifyOptions {
  /** The ChainId to hold against: printed, published by the notary, or pinned when the chain began. */
  readonly chain: Uint8Array;
  readonly sm2: Sm2;
  /** Bytes of a `.pltrust` file, for receipts that do not carry their own. */
  readonly trust?: Uint8Array;
  /** SM3 of trusted root certificates: asks for the certificates of the members that voted (step 12). */
  readonly roots?: readonly Uint8Array[];
  /** Certificates in DER for step 12, in any order: the members', their authorities', the roots. Nothing in here is trusted. */
  readonly certificates?: readonly Uint8Array[];
  readonly maxAgeMs?: bigint;
  /** Milliseconds since 1970; needed with `maxAgeMs`. */
  readonly now?: bigint;
  readonly question?: Question;
}

/** Everything a run has found out so far. */
interface Run {
  readonly steps: Step[];
  readonly findings: Finding[];
  certification: Certification | null;
}

type VerifiedFile = { readonly kind: 'receipt'; readonly receipt: Receipt } | { readonly kind: 'trust'; readonly trust: TrustBundle };

/** Verifies a `.plproof` or a `.pltrust` file. Never throws for what is in the file. */
export function verifyReceipt(bytes: Uint8Array, options: VerifyOptions): Verdict {
  const run: Run = { steps: [], findings: [], certification: null };
  const file = attempt(run, 1, () => [parseFile(bytes), { bytes: bytes.length }]);
  const outcome =
    file === null ? 'malformed' : file.kind === 'receipt' ? verifyAll(run, file.receipt, options) : verifyTrust(run, file.trust, options);
  return makeVerdict({
    ...run,
    outcome,
    file: file?.kind ?? 'unknown',
    sm3: sm3(bytes),
    chain: options.chain,
    namedChain: file === null ? null : namedChain(file),
    question: options.question ?? null,
  });
}

/** The ChainId that a file names by itself: to compare, never to trust. `null` when the file cannot be read. */
export function chainNamedBy(bytes: Uint8Array): Bytes | null {
  try {
    return namedChain(parseFile(bytes));
  } catch (error) {
    if (error instanceof VerifyFailure) return null;
    throw error;
  }
}

const namedChain = (file: VerifiedFile): Bytes => (file.kind === 'receipt' ? file.receipt.chain : chainIdOf(file.trust.genesis));

function parseFile(bytes: Uint8Array): VerifiedFile {
  if (!isReceipt(bytes)) return { kind: 'trust', trust: parsed(decodeTrustBundle, bytes) };
  const receipt = parsed(decodeReceipt, bytes);
  requireDistinct(receipt.claims);
  return { kind: 'receipt', receipt };
}

function parsed<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new VerifyFailure('E10', error.code, error.facts);
  }
}

function verifyTrust(run: Run, trust: TrustBundle, options: VerifyOptions): Outcome {
  return establish(run, trust, options) === null ? 'malformed' : 'proven';
}

/** Steps 2 and 3. */
function establish(run: Run, trust: TrustBundle, { chain, sm2 }: VerifyOptions): Consortium | null {
  const { genesis, links } = trust;
  const founded = attempt(run, 2, () => [
    verifyGenesis(genesis, chain, sm2),
    { name: genesis.name, members: genesis.config.members.length },
  ]);
  if (founded === null) return null;
  return attemptNoted(run, 3, () => {
    const known = verifyLinks(founded, trust, sm2);
    const facts = { links: links.length };
    return [known, hasLastResort(known) ? { warning: 'W70', facts } : { facts }];
  });
}

function verifyAll(run: Run, receipt: Receipt, options: VerifyOptions): Outcome {
  const { sm2 } = options;
  if (!equalBytes(receipt.chain, options.chain)) {
    run.steps.push({ step: 2, ok: false, code: 'E20', facts: { reason: 'receipt_of_another_chain', found: toHex(receipt.chain) } });
    return 'malformed';
  }
  if (receipt.trust === null && options.trust === undefined) {
    run.steps.push({ step: 2, ok: false, code: 'E20', facts: { reason: 'trust_missing' } });
    return 'insufficient';
  }
  const consortium = consortiumFor(run, receipt, options);
  if (consortium === null || !certify(run, receipt, consortium, sm2)) return 'malformed';

  // The header holds: from here every step is reported, even after one has failed.
  const proven = new Proven();
  const areClaimsTrue = [
    collect(run, 7, () => verifyEntries(receipt, consortium, proven)),
    collect(run, 8, () => verifyState(receipt, proven)),
    collect(run, 9, () => verifyRelations(receipt, consortium, proven, sm2)),
    collect(run, 10, () => verifySigners(receipt, proven, sm2)),
    collect(run, 11, () => verifyFields(receipt, proven)),
  ].every(Boolean);
  const hasCertificates = attemptNoted(run, 12, () => [true, checkCertificates(receipt, consortium, options)]) !== null;
  attemptNoted(run, 13, () => [true, checkAge(receipt, options)]);
  if (!hasCertificates) return 'malformed';
  if (!areClaimsTrue) return 'disproven';
  return options.question === undefined ? 'proven' : answerQuestion(options.question, run.findings, receipt.header.height);
}

/** The receipt's own bundle must hold whenever it is there; a newer one from outside only adds to it. */
function consortiumFor(run: Run, receipt: Receipt, options: VerifyOptions): Consortium | null {
  const own = receipt.trust === null ? null : establish(run, receipt.trust, options);
  const { trust } = options;
  if (trust === undefined || (receipt.trust !== null && own === null)) return own;
  const bundle = attempt(run, 1, () => [parsed(decodeTrustBundle, trust), { bytes: trust.length }]);
  const given = bundle === null ? null : establish(run, bundle, options);
  if (given === null || own === null) return given;
  return given.eras.length > own.eras.length ? given : own;
}

/** Steps 4 to 6. */
function certify(run: Run, { header, finality }: Receipt, consortium: Consortium, sm2: Sm2): boolean {
  const voters = new Set(finality.sigs.map((sig) => sig.member));
  const isInForce = attempt(run, 4, () => [verifyHeader(consortium, header), { height: header.height.toString(), epoch: header.epoch }]);
  if (isInForce === null) return false;
  const voted = attempt(run, 5, () => {
    const config = voterConfig(consortium, header, finality);
    return [{ config, headerHash: verifyVotes(header, finality, config, sm2) }, { votes: voters.size }];
  });
  if (voted === null) return false;
  const { config, headerHash } = voted;
  const isFinal = attempt(run, 6, () => {
    verifyQuorum(finality, config);
    return [true, { members: config.members.length }];
  });
  if (isFinal === null) return false;
  run.certification = {
    height: header.height,
    sealedAt: header.sealedAt,
    headerHash,
    logSize: header.logSize,
    by: config.members.filter((member) => voters.has(member.id)).map(({ id, org }) => ({ id, org })),
    memberCount: config.members.length,
    isDemonstration: consortium.genesis.demonstration === 1,
  };
  return true;
}

/** How a passed step is noted. */
interface Note {
  readonly warning?: 'W60' | 'W61' | 'W62' | 'W70';
  readonly facts: ErrorFacts;
}

/** Runs one check and notes how it ended. `null`: it failed. */
function attempt<T>(run: Run, step: StepNumber, check: () => readonly [T, ErrorFacts]): T | null {
  return attemptNoted(run, step, () => {
    const [value, facts] = check();
    return [value, { facts }];
  });
}

function attemptNoted<T>(run: Run, step: StepNumber, check: () => readonly [T, Note]): T | null {
  try {
    const [value, note] = check();
    run.steps.push({ step, ok: true, code: note.warning ?? null, facts: note.facts });
    return value;
  } catch (error) {
    if (!(error instanceof VerifyFailure)) throw error;
    run.steps.push({ step, ok: false, code: error.code, facts: error.facts });
    return null;
  }
}

function collect(run: Run, step: StepNumber, check: () => readonly Finding[]): boolean {
  const done = attemptNoted(run, step, () => {
    const findings = check();
    run.findings.push(...findings);
    const unchecked = findings.reduce((sum, finding) => sum + (finding.kind === 'signers' ? finding.unchecked.length : 0), 0);
    const facts = { proven: findings.length };
    return [true, unchecked > 0 ? { warning: 'W62', facts: { ...facts, unchecked } } : { facts }];
  });
  return done !== null;
}

const LAST_MS = 253_402_300_799_999n;

/** `ledger.md` 17, step 12. */
function checkCertificates(receipt: Receipt, consortium: Consortium, options: VerifyOptions): Note {
  const { roots, certificates = [], sm2 } = options;
  if (roots === undefined) return { warning: 'W60', facts: {} };
  const { header, finality } = receipt;
  // Beyond this no certificate is valid, and a number would lose digits.
  demand(header.sealedAt <= LAST_MS, 'E60', 'certificate_expired');
  const at = instant(Number(header.sealedAt));
  const pool = readPool(certificates);
  const voters = new Set(finality.sigs.map((sig) => sig.member));
  const members = verifyHeader(consortium, header).members.filter(({ id }) => voters.has(id));
  for (const member of members) verifyMemberCertificate(member, pool, { roots, at, sm2 });
  return { facts: { certificates: members.length, roots: roots.map((root) => toHex(root)).join(' ') } };
}

/** Freshness is stated, never assumed: step 13 warns and decides nothing. */
function checkAge(receipt: Receipt, { maxAgeMs, now }: VerifyOptions): Note {
  const { sealedAt } = receipt.header;
  if (now === undefined) return { facts: { sealedAt: sealedAt.toString() } };
  const facts = { sealedAt: sealedAt.toString(), ageMs: (now - sealedAt).toString() };
  return maxAgeMs !== undefined && now - sealedAt > maxAgeMs ? { warning: 'W61', facts } : { facts };
}
