/**
 * Verifies an evidence package (ledger.md 18) from its files and a ChainId alone: eleven steps, each reported. No network, no clock; the same
 * function in the command, on the page and in the saved file.
 */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { decodeReceipt, decodeTrustBundle, encodeTrustBundle, type Receipt, type TrustBundle } from '#ledger/proof/receipt.ts';
import { chainIdOf, headerHash } from '#ledger/tx/ids.ts';
import type { Verdict } from '#ledger/verify/verdict.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { checkFiles, fileOf, type PackageFiles } from './check-files.ts';
import { checkProvenance, checkSubject, checkTimes, checkWitnesses } from './check-provenance.ts';
import { type Checked, checkManifestSignature, checkSigner, checkTimeStamp, readShelf } from './check-signature.ts';
import { type EvidenceVerdict, evidenceVerdict } from './evidence-verdict.ts';
import { MANIFEST_FILE, type Manifest } from './manifest.ts';
import { operatorsOf } from './operators.ts';
import { EvidenceFailure, type EvidenceStep, type EvidenceStepNumber, requireEvidence } from './steps.ts';

export type EvidenceOptions = {
  /** The ChainId to hold against, from elsewhere. */
  readonly chain: Uint8Array;
  readonly sm2: Sm2;
  /** SM3 of trusted roots; without them those that the chain's own configuration names. */
  readonly roots?: readonly Uint8Array[];
  /** Milliseconds since 1970: a time stamp from the future is refused. */
  readonly now?: number;
};

export const RECEIPT_FILE = 'ledger/receipt.plproof';
export const TRUST_FILE = 'ledger/chain.pltrust';

/** The ChainId that a package names by itself: to compare, never to trust. */
export function chainNamedByPackage(files: PackageFiles): Bytes | null {
  try {
    return fromHex(checkFiles(files).chainId, 32);
  } catch (error) {
    if (error instanceof EvidenceFailure || error instanceof ParseError) return null;
    throw error;
  }
}

/** Never throws for what is in the package. */
export function verifyEvidence(files: PackageFiles, options: EvidenceOptions): EvidenceVerdict {
  const run = new Run();
  const { sm2, chain } = options;
  const now = options.now === undefined ? null : instant(options.now);
  const manifest = run.get(1, () => {
    const read = checkFiles(files);
    return [read, { code: null, facts: { files: read.items.length } }];
  });
  const signed = run.get(2, () => {
    const read = checkManifestSignature(files, sm2);
    return [read, { code: null, facts: {} }];
  });
  const shelf = readShelfSafely(files);
  const receipt = readReceipt(files);
  const ledger =
    receipt === null
      ? null
      : verifyReceipt(receipt.bytes, { chain, sm2, ...rootsOf(receipt, options), certificates: shelf.pool.map(({ der }) => der) });
  const trust = { sm2, roots: options.roots ?? receipt?.trust?.genesis.config.roots ?? [] };
  const isChain = ledger !== null && ledger.namedChain !== null && equalBytes(ledger.namedChain, chain);

  run.do(3, () => {
    requireEvidence(signed !== null, 'unproven');
    requireEvidence(isChain && receipt !== null, 'unproven', { reason: 'the chain of the package is another' });
    failOn(ledger, [12]);
    return checkSigner(signed, shelf, trust, receipt.trust === null ? [] : operatorsOf(receipt.trust));
  });
  const stamped = run.get(4, () => {
    requireEvidence(signed !== null && manifest !== null, 'unproven');
    const checked = checkTimeStamp(files, manifest, signed, { shelf, trust, now });
    return [checked, checked];
  });
  const proven = <T>(check: (known: { receipt: Receipt; ledger: Verdict; manifest: Manifest }) => T): T => {
    requireEvidence(receipt !== null && ledger !== null && manifest !== null, 'unproven');
    return check({ receipt, ledger, manifest });
  };
  run.do(5, () =>
    proven((known) => {
      failOn(known.ledger, [10]);
      return checkSubject(
        files,
        known.receipt,
        known.ledger.steps.some(({ code }) => code === 'W62'),
      );
    }),
  );
  run.do(6, () => proven((known) => stepsPassed(known.ledger, [1, 7, 8])));
  run.do(7, () => proven((known) => checkCheckpoint(files, known)));
  run.do(8, () => proven((known) => stepsPassed(known.ledger, [2, 3, 4, 5, 6])));
  run.do(9, () => proven((known) => checkWitnesses(files, known.manifest, known.receipt)));
  run.do(10, () =>
    proven((known) => {
      failOn(known.ledger, [11]);
      return checkProvenance(files, known.ledger);
    }),
  );
  run.do(11, () => proven((known) => checkTimes(files, known.receipt, stamped?.stamp?.genTime ?? null)));
  return evidenceVerdict({ steps: run.steps, ledger, manifest, sm3: sm3(files.get(MANIFEST_FILE) ?? new Uint8Array(0)), chain });
}

class Run {
  readonly steps: EvidenceStep[] = [];

  do(step: EvidenceStepNumber, check: () => Checked): void {
    this.get(step, () => [true, check()]);
  }

  get<T>(step: EvidenceStepNumber, check: () => readonly [T, Checked]): T | null {
    try {
      const [value, { code, facts }] = check();
      this.steps.push({ step, ok: true, code, facts });
      return value;
    } catch (error) {
      if (error instanceof EvidenceFailure) this.steps.push({ step, ok: false, code: error.code, facts: error.facts });
      else if (error instanceof ParseError) this.steps.push({ step, ok: false, code: 'package_malformed', facts: { because: error.code } });
      else throw error;
      return null;
    }
  }
}

type ReadReceipt = Receipt & { readonly bytes: Uint8Array };

function readReceipt(files: PackageFiles): ReadReceipt | null {
  const bytes = files.get(RECEIPT_FILE);
  try {
    return bytes === undefined ? null : { ...decodeReceipt(bytes), bytes };
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

function readShelfSafely(files: PackageFiles): ReturnType<typeof readShelf> {
  try {
    return readShelf(files);
  } catch (error) {
    if (error instanceof ParseError) return { pool: [], crls: [] };
    throw error;
  }
}

/** Members' certificates are asked for when the configuration pins any: a chain without them says so in step 3 by its own code. */
function rootsOf(receipt: Receipt, { roots }: EvidenceOptions): { readonly roots?: readonly Uint8Array[] } {
  const known = roots ?? receipt.trust?.genesis.config.roots ?? [];
  return known.length === 0 ? {} : { roots: known };
}

/** @throws {EvidenceFailure} with the receipt's own code */
function failOn(ledger: Verdict | null, numbers: readonly number[]): void {
  for (const { step, ok, code, facts } of ledger?.steps ?? []) {
    if (numbers.includes(step) && !ok) throw new EvidenceFailure(code ?? 'E10', facts);
  }
}

/** Each of them ran and passed. */
function stepsPassed(ledger: Verdict, numbers: readonly number[]): Checked {
  failOn(ledger, numbers);
  for (const wanted of numbers)
    requireEvidence(
      ledger.steps.some(({ step, ok }) => step === wanted && ok),
      'unproven',
      { receiptStep: wanted },
    );
  return { code: null, facts: {} };
}

/** Step 7: from the block of the entry to the checkpoint that the manifest names. @throws {EvidenceFailure} */
function checkCheckpoint(
  files: PackageFiles,
  { receipt, ledger, manifest }: { receipt: Receipt; ledger: Verdict; manifest: Manifest },
): Checked {
  stepsPassed(ledger, [9]);
  const { checkpoint, chainId, genesisHash } = manifest;
  const { header, trust } = receipt;
  const isSame = checkpoint.height === header.height.toString() && checkpoint.hash === toHex(headerHash(header));
  requireEvidence(isSame && chainId === toHex(receipt.chain), 'checkpoint_mismatch', { height: header.height.toString() });
  const bundle: TrustBundle = decodeTrustBundle(fileOf(files, TRUST_FILE));
  requireEvidence(trust !== null && equalBytes(encodeTrustBundle(trust), fileOf(files, TRUST_FILE)), 'checkpoint_mismatch', {
    path: TRUST_FILE,
  });
  requireEvidence(genesisHash === toHex(chainIdOf(bundle.genesis)), 'checkpoint_mismatch', { reason: 'genesis' });
  return {
    code: null,
    facts: { height: header.height.toString(), older: ledger.findings.filter(({ kind }) => kind === 'consistency').length },
  };
}
