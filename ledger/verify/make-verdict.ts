/** Puts a run into words and into plain data. */
import { type Bytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { CODE_WORDS, STEP_WORDS, type Words } from './codes.ts';
import { fieldText } from './field-text.ts';
import {
  type Certification,
  EXIT_CODE,
  type Finding,
  type Json,
  type JsonObject,
  type Outcome,
  type Question,
  type Step,
  type Verdict,
} from './verdict.ts';

interface Draft {
  readonly outcome: Outcome;
  readonly file: Verdict['file'];
  readonly sm3: Bytes;
  readonly chain: Uint8Array;
  readonly namedChain: Bytes | null;
  readonly certification: Certification | null;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly question: Question | null;
}

export function makeVerdict(draft: Draft): Verdict {
  const sentences = sentencesOf(draft);
  const { outcome, file, sm3, namedChain, certification, steps, findings } = draft;
  const exitCode = EXIT_CODE[outcome];
  const json: JsonObject = {
    schema: 'daoju.verdict/1',
    outcome,
    exitCode,
    file,
    sm3: toHex(sm3),
    chain: toHex(draft.chain),
    namedChain: namedChain === null ? null : toHex(namedChain),
    certification: certification === null ? null : plainObject(certification),
    steps: steps.map((step) => ({ ...plainObject(step), words: stepWords(step) })),
    findings: findings.map(plainObject),
    sentences: { zh: sentences.zh, en: sentences.en },
  };
  return { outcome, exitCode, file, sm3, namedChain, certification, steps, findings, sentences, json };
}

/** A step's name, and what its code means. */
export function stepWords({ step, code }: Step): { readonly zh: string; readonly en: string } {
  const name: Words = STEP_WORDS[step];
  const meaning: Words | null = code === null ? null : CODE_WORDS[code];
  return meaning === null ? { zh: name.zh, en: name.en } : { zh: `${name.zh}：${meaning.zh}`, en: `${name.en}: ${meaning.en}` };
}

/** Bytes in hex and bigints in decimal, so that any JSON reader keeps every digit. */
function plain(value: unknown): Json {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) return plainObject(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function plainObject(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}

function sentencesOf({ outcome, file, certification, steps, findings, question, chain }: Draft): Words {
  const failed = steps.find((step) => !step.ok);
  if (outcome === 'malformed') {
    const why = failed === undefined ? STEP_WORDS[1] : stepWords(failed);
    return {
      zh: `未通过验证：${why.zh}（${failed?.code ?? ''}）。请勿采信此文件的任何内容。`,
      en: `Not verified: ${why.en} (${failed?.code ?? ''}). Nothing in this file may be believed.`,
    };
  }
  if (file === 'trust') {
    return {
      zh: `这是链 ${toHex(chain).slice(0, 16)}… 的信任文件，创世与各次联盟变更均成立。`,
      en: `This is the trust file of chain ${toHex(chain).slice(0, 16)}…; its genesis and every change of the consortium hold.`,
    };
  }
  if (outcome === 'insufficient' && certification === null) {
    return {
      zh: '材料不足：文件未附信任文件，请一并提供 .pltrust。',
      en: 'Not enough to decide: the file carries no trust bundle; give its .pltrust file as well.',
    };
  }
  if (certification === null) return { zh: '材料不足。', en: 'Not enough to decide.' };
  const head = headOf(certification);
  if (outcome === 'disproven' && failed !== undefined) {
    const why = stepWords(failed);
    return {
      zh: `${head.zh}区块成立，但文件中的陈述不成立：${why.zh}（${failed.code}）。`,
      en: `${head.en} the block holds, but what this file claims does not: ${why.en} (${failed.code}).`,
    };
  }
  const body = outcome === 'proven' || question === null ? statements(findings) : statements(findings, question);
  const verdict = question === null ? { zh: '', en: '' } : QUESTION_WORDS[outcome];
  const note = certification.isDemonstration
    ? { zh: '此链为演示链，不具法律效力。', en: ' This is a demonstration chain, without legal effect.' }
    : { zh: '', en: '' };
  return { zh: `${verdict.zh}${head.zh}${body.zh}。${note.zh}`, en: `${verdict.en}${head.en} ${body.en}.${note.en}` };
}

const QUESTION_WORDS = {
  proven: { zh: '所问属实。', en: 'What was asked is true. ' },
  disproven: { zh: '所问不属实。', en: 'What was asked is not true. ' },
  insufficient: { zh: '文件不足以回答所问。', en: 'The file does not hold the answer. ' },
  malformed: { zh: '', en: '' },
} as const satisfies Readonly<Record<Outcome, Words>>;

const BEIJING_MS = 28_800_000;

function headOf({ sealedAt, height, by, memberCount }: Certification): Words {
  const names = by.map((member) => member.org);
  return {
    zh: `北京时间 ${clock(sealedAt, BEIJING_MS)}，区块高度 ${height}，经 ${memberCount} 名成员中的 ${by.length} 名（${names.join('、')}）见证：`,
    en: `At ${clock(sealedAt, 0)} UTC, height ${height}, certified by ${names.join(', ')} (${by.length} of ${memberCount}):`,
  };
}

const LAST_MS = 253_402_300_799_999n;

function clock(sealedAt: bigint, offsetMs: number): string {
  if (sealedAt > LAST_MS) return `${sealedAt} ms`;
  return new Date(Number(sealedAt) + offsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

function statements(findings: readonly Finding[], question?: Question): Words {
  const parts = findings
    .filter((finding) => question === undefined || !('serial' in finding) || finding.serial === question.serial)
    .flatMap((finding) => statementOf(finding, findings) ?? []);
  return { zh: parts.map((part) => part.zh).join('；'), en: parts.map((part) => part.en).join('; ') };
}

/** Everything a court would ask for in full; accounts at their full length, since a shortened id proves nothing. */
function statementOf(finding: Finding, all: readonly Finding[]): Words | null {
  switch (finding.kind) {
    case 'item': {
      const name = finding.itemId ?? `#${finding.serial}`;
      if (finding.isBurned || isZero(finding.owner)) {
        return { zh: `道具 ${name} 已销毁，版本 ${finding.ver}`, en: `Item ${name} has been burned, version ${finding.ver}` };
      }
      const since = sinceOf(finding.serial, all);
      const frozen = finding.isFrozen ? { zh: '，冻结中', en: ', frozen' } : { zh: '', en: '' };
      return {
        zh: `道具 ${name}（序号 ${finding.serial}）属于账户 ${toHex(finding.owner)}${since.zh}，版本 ${finding.ver}${frozen.zh}`,
        en: `Item ${name} (serial ${finding.serial}) belongs to account ${toHex(finding.owner)}${since.en}, version ${finding.ver}${frozen.en}`,
      };
    }
    case 'title': {
      const name = finding.itemId ?? `#${finding.serial}`;
      const first = finding.owners[0];
      const last = finding.owners.at(-1);
      if (first === undefined || last === undefined || (finding.owners.length === 1 && finding.isCurrent)) return null;
      if (finding.owners.length === 1) {
        return {
          zh: `在区块高度 ${first.fromHeight}，道具 ${name} 归于账户 ${toHex(first.owner)}，版本 ${first.ver}（其后另有变更）`,
          en: `at height ${first.fromHeight} Item ${name} passed to account ${toHex(first.owner)}, version ${first.ver} (it has changed since)`,
        };
      }
      const count = finding.owners.length;
      return {
        zh: `道具 ${name} 的 ${count} 次变更首尾相接${finding.isSinceMint ? '，自发行起完整' : ''}`,
        en: `${count} changes of Item ${name} follow each other without a gap${finding.isSinceMint ? ', from its issue on' : ''}`,
      };
    }
    case 'entry':
      return all.some((other) => other.kind === 'item' || other.kind === 'title')
        ? null
        : { zh: `记录 ${finding.index}（${finding.op}）在账本中`, en: `entry ${finding.index} (${finding.op}) is in the log` };
    case 'account':
      return all.some((other) => other.kind === 'item')
        ? null
        : {
            zh: `账户 ${toHex(finding.acct)} 持有 ${finding.itemCount} 件道具`,
            en: `account ${toHex(finding.acct)} owns ${finding.itemCount} Items`,
          };
    case 'absent':
      return { zh: `登记簿 ${finding.reg} 中不存在序号 ${finding.index}`, en: `register ${finding.reg} has no serial ${finding.index}` };
    case 'holdings':
      return {
        zh: `账户 ${toHex(finding.acct)} 恰好持有 ${finding.serials.length} 件道具`,
        en: `account ${toHex(finding.acct)} owns exactly these ${finding.serials.length} Items`,
      };
    case 'consistency':
      return { zh: `高度 ${finding.height} 的账本是其前缀`, en: `the log at height ${finding.height} is its prefix` };
    case 'field': {
      const field = fieldText(finding.slot, finding.id, finding.value);
      return { zh: `披露：${field}`, en: `disclosed: ${field}` };
    }
    case 'class':
    case 'order':
    case 'record':
    case 'signers':
      return null;
  }
}

/** Since when the current owner has owned it without interruption, as far as the file shows. */
function sinceOf(serial: bigint, all: readonly Finding[]): Words {
  const title = all.find((finding) => finding.kind === 'title' && finding.serial === serial && finding.isCurrent);
  if (title?.kind !== 'title') return { zh: '', en: '' };
  const owner = title.owners.at(-1)?.owner;
  const before = title.owners.findLastIndex((hop) => owner === undefined || toHex(hop.owner) !== toHex(owner));
  const since = title.owners[before + 1];
  if (since === undefined) return { zh: '', en: '' };
  const isKnown = before >= 0 || title.isSinceMint;
  return isKnown
    ? { zh: `，自区块高度 ${since.fromHeight} 起`, en: `, since height ${since.fromHeight}` }
    : { zh: `，至迟自区块高度 ${since.fromHeight} 起`, en: `, since height ${since.fromHeight} at the latest` };
}
