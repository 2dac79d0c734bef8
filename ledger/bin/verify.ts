/**
 * The auditor's command (`ledger.md` 17): a file and a ChainId in, a sentence and an exit code out. Needs nothing but its files.
 *
 *   node ledger/bin/verify.ts FILE --chain HEX [--trust FILE] [--item N --owner HEX [--from H --to H]] [--max-age SECONDS]
 *     [--roots PEM] [--certificates PEM] [--lang zh|en] [--json]
 *
 * `--roots`: certificates to believe; self-signed ones are the roots, others complete the chains. `--certificates`: more to complete them with.
 *
 * 0 proven, 1 disproven, 2 malformed or untrusted, 3 not enough to decide.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { archiveJson, archiveLines } from '#ledger/archive/archive-words.ts';
import { chainNamedByArchive, verifyArchive } from '#ledger/archive/verify-archive.ts';
import { canonicalText } from '#ledger/codec/canonical-json.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type EvidenceVerdict, evidenceStepWords } from '#ledger/evidence/evidence-verdict.ts';
import { chainNamedByPackage, verifyEvidence } from '#ledger/evidence/verify-evidence.ts';
import { isSameName, parseCertificate, parsePem } from '#ledger/pki/certificate.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { stepWords } from '#ledger/verify/make-verdict.ts';
import { EXIT_CODE, type Question, type Verdict } from '#ledger/verify/verdict.ts';
import { chainNamedBy, type VerifyOptions, verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { isZip, unzipPackage } from './unzip.ts';
import { isArchive, unzipArchive } from './unzip-archive.ts';

export interface VerifyIo {
  readonly readFile: (path: string) => Uint8Array;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** The ChainId that this installation pinned when its chain began. */
  readonly pinnedChain?: Uint8Array;
  /** Milliseconds since 1970, for `--max-age`. */
  readonly now: () => number;
}

const INSUFFICIENT = 3;
const MALFORMED = 2;
const USAGE =
  'usage: verify FILE --chain HEX [--trust FILE] [--item N --owner HEX [--from H --to H]] [--max-age SECONDS] [--roots PEM] [--certificates PEM] [--lang zh|en] [--json]';

/** `args` are the command's own, without `verify`. Resolves to the exit code. */
export function runVerify(args: readonly string[], io: VerifyIo): Promise<number> {
  return Promise.resolve(verifyFile(args, io));
}

function verifyFile(args: readonly string[], io: VerifyIo): number {
  try {
    const { values, positionals } = parseCommand(args);
    const [path, ...extra] = positionals;
    if (path === undefined || extra.length > 0) return refuse(io, MALFORMED, USAGE);
    const bytes = io.readFile(path);
    const chain = values.chain === undefined ? io.pinnedChain : chainOf(values.chain);
    if (isZip(bytes)) return isArchive(bytes) ? verifyGame(bytes, chain, values, io) : verifyPackage(bytes, chain, values, io);
    if (chain === undefined) return nameChain(chainNamedBy(bytes), io, values.json ?? false);
    const options = optionsOf(values, chain, io);
    const verdict = verifyReceipt(bytes, options);
    for (const line of values.json ? [canonicalText(verdict.json)] : report(verdict, values.lang === 'zh' ? 'zh' : 'en')) io.out(line);
    return verdict.exitCode;
  } catch (error) {
    if (error instanceof Error) return refuse(io, MALFORMED, error.message);
    throw error;
  }
}

/** What the members keep of an ended game; `--item N`: whose it is, `--owner HEX`: whether it is his. */
function verifyGame(bytes: Uint8Array, chain: Uint8Array | undefined, values: Values, io: VerifyIo): number {
  const files = unzipArchive(bytes);
  if (chain === undefined) {
    const named = chainNamedByArchive(files);
    return nameChain(named === null ? null : fromHex(named, 32), io, values.json ?? false);
  }
  const { item, owner } = values;
  if (owner !== undefined && item === undefined) throw new ParseError('question_incomplete', { expected: '--item' });
  const asked =
    item === undefined
      ? {}
      : { item: { serial: whole(item, '--item'), owner: owner === undefined ? null : fromHex(owner.toLowerCase(), 32) } };
  const verdict = verifyArchive(files, { chain, sm2: portableSm2((length) => randomBytes(length)), ...asked });
  const lang = values.lang === 'zh' ? 'zh' : 'en';
  for (const line of values.json ? [canonicalText(archiveJson(verdict))] : archiveLines(verdict, lang)) io.out(line);
  return EXIT_CODE[verdict.outcome];
}

/** An evidence package (ledger.md 18): its eleven steps. */
function verifyPackage(bytes: Uint8Array, chain: Uint8Array | undefined, values: Values, io: VerifyIo): number {
  const files = unzipPackage(bytes);
  if (chain === undefined) return nameChain(chainNamedByPackage(files), io, values.json ?? false);
  const { sm2, roots } = optionsOf(values, chain, io);
  const verdict = verifyEvidence(files, { chain, sm2, now: io.now(), ...(roots === undefined ? {} : { roots }) });
  for (const line of values.json ? [canonicalText(verdict.json)] : reportPackage(verdict, values.lang === 'zh' ? 'zh' : 'en')) io.out(line);
  return verdict.exitCode;
}

function reportPackage(verdict: EvidenceVerdict, lang: 'zh' | 'en'): readonly string[] {
  const steps = verdict.steps.map((step) => {
    const mark = step.ok ? (step.code === null ? 'ok  ' : 'note') : 'FAIL';
    const reason = Object.keys(step.facts).length === 0 ? '' : ` ${JSON.stringify(step.facts)}`;
    return `  ${mark} ${String(step.step).padStart(2)} ${evidenceStepWords(step)[lang]}${step.code === null ? '' : ` (${step.code})`}${reason}`;
  });
  const warnings = (verdict.manifest?.notLicensedWarnings ?? []).map((words) => `  !    ${words[lang]}`);
  return [verdict.sentences[lang], ...steps, ...warnings, `  SM3 of the manifest ${toHex(verdict.sm3)}`];
}

function parseCommand(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      chain: { type: 'string' },
      trust: { type: 'string' },
      item: { type: 'string' },
      owner: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      'max-age': { type: 'string' },
      roots: { type: 'string' },
      certificates: { type: 'string' },
      lang: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
}

type Values = ReturnType<typeof parseCommand>['values'];

function optionsOf(values: Values, chain: Uint8Array, io: VerifyIo): VerifyOptions {
  const question = questionOf(values);
  const maxAge = values['max-age'];
  return {
    chain,
    sm2: portableSm2((length) => randomBytes(length)),
    ...(values.trust === undefined ? {} : { trust: io.readFile(values.trust) }),
    ...(maxAge === undefined ? {} : { maxAgeMs: whole(maxAge, '--max-age') * 1000n, now: BigInt(io.now()) }),
    ...(question === null ? {} : { question }),
    ...certificatesOf(values, io),
  };
}

/** Whoever passes a root says that they believe it. */
function certificatesOf({ roots, certificates }: Values, io: VerifyIo): Pick<VerifyOptions, 'roots' | 'certificates'> {
  const read = (path: string | undefined) => (path === undefined ? [] : parsePem(new TextDecoder().decode(io.readFile(path))));
  const given = read(roots);
  const pool = [...given, ...read(certificates)];
  if (roots === undefined) return { certificates: pool };
  const anchors = given.filter((der) => {
    const { issuer, subject } = parseCertificate(der);
    return isSameName(issuer, subject);
  });
  return { certificates: pool, roots: anchors.map((der) => sm3(der)) };
}

function questionOf({ item, owner, from, to }: Values): Question | null {
  if (item === undefined && owner === undefined && from === undefined && to === undefined) return null;
  if (item === undefined || owner === undefined || (from === undefined) !== (to === undefined)) {
    throw new ParseError('question_incomplete', { expected: '--item and --owner, and --from with --to' });
  }
  const asked = { serial: whole(item, '--item'), owner: fromHex(owner.toLowerCase(), 32) };
  if (from === undefined || to === undefined) return { kind: 'owns', ...asked };
  return { kind: 'owned', ...asked, fromHeight: whole(from, '--from'), toHeight: whole(to, '--to') };
}

function whole(text: string, option: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new ParseError('number_malformed', { option });
  return BigInt(text);
}

/** People compare fingerprints in groups and capitals. */
function chainOf(text: string): Bytes {
  return fromHex(text.replace(/[\s:-]/g, '').toLowerCase(), 32);
}

/** Without anything to hold against, the file's own name proves nothing: it is shown, to be compared elsewhere. */
function nameChain(named: Uint8Array | null, io: VerifyIo, isJson: boolean): number {
  if (named === null) return refuse(io, MALFORMED, 'the file is malformed or damaged (E10)');
  const chain = toHex(named);
  if (isJson) io.out(canonicalText({ schema: 'daoju.verdict/1', outcome: 'insufficient', exitCode: INSUFFICIENT, namedChain: chain }));
  else io.out(`Not verified: the file names chain ${chain}. Compare it with the printed ChainId and run again with --chain ${chain}.`);
  return INSUFFICIENT;
}

function report(verdict: Verdict, lang: 'zh' | 'en'): readonly string[] {
  const steps = verdict.steps.map((step) => {
    const mark = step.ok ? (step.code === null ? 'ok  ' : 'note') : 'FAIL';
    const reason = step.ok ? '' : ` ${JSON.stringify(step.facts)}`;
    return `  ${mark} ${String(step.step).padStart(2)} ${step.code ?? '   '} ${stepWords(step)[lang]}${reason}`;
  });
  return [verdict.sentences[lang], ...steps, `  SM3 ${toHex(verdict.sm3)}`];
}

function refuse(io: VerifyIo, exitCode: number, sentence: string): number {
  io.err(sentence);
  return exitCode;
}

if (import.meta.main) {
  process.exitCode = await runVerify(process.argv.slice(2), {
    readFile: (path) => readFileSync(path),
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    now: () => Math.floor(performance.timeOrigin + performance.now()),
  });
}
