/** What the verifier of evidence packages answers: eleven steps, one sentence in each language, the same as data. */
import { CHAIN_WORDS } from '#ledger/pki/chain-words.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { CODE_WORDS, type Words } from '#ledger/verify/codes.ts';
import { EXIT_CODE, type JsonObject, type Verdict } from '#ledger/verify/verdict.ts';
import type { Manifest } from './manifest.ts';
import { EVIDENCE_CODES, EVIDENCE_STEP_WORDS, type EvidenceStep } from './steps.ts';

export type EvidenceVerdict = {
  /** `proven` only when all eleven passed. */
  readonly outcome: 'proven' | 'disproven' | 'malformed';
  readonly exitCode: number;
  readonly steps: readonly EvidenceStep[];
  /** The receipt inside, with its own steps. */
  readonly ledger: Verdict | null;
  readonly manifest: Manifest | null;
  /** SM3 of the manifest: what seal and time stamp cover. */
  readonly sm3: Bytes;
  readonly sentences: Words;
  readonly json: JsonObject;
};

type Draft = Pick<EvidenceVerdict, 'steps' | 'ledger' | 'manifest' | 'sm3'> & { readonly chain: Uint8Array };

export function evidenceVerdict({ steps, ledger, manifest, sm3, chain }: Draft): EvidenceVerdict {
  const failed = steps.find(({ ok }) => !ok);
  // Without whole files or a chain that is the asked one there is nothing to disprove.
  const isReadable = steps.every(({ step, ok }) => ok || step > 2) && ledger !== null && ledger.outcome !== 'malformed';
  const outcome = failed === undefined ? 'proven' : isReadable ? 'disproven' : 'malformed';
  const sentences = sentencesOf(failed, steps, ledger);
  const exitCode = EXIT_CODE[outcome];
  const json: JsonObject = {
    schema: 'daoju.evidence-verdict/1',
    outcome,
    exitCode,
    manifest: toHex(sm3),
    chain: toHex(chain),
    caseRef: manifest?.caseRef ?? null,
    subject: manifest === null ? null : { kind: manifest.subject.kind, id: manifest.subject.id },
    steps: steps.map((step) => ({
      step: step.step,
      ok: step.ok,
      code: step.code,
      facts: factsOf(step),
      words: { ...evidenceStepWords(step) },
    })),
    receipt: ledger?.json ?? null,
    sentences: { ...sentences },
  };
  return { outcome, exitCode, steps, ledger, manifest, sm3, sentences, json };
}

function factsOf({ facts }: EvidenceStep): JsonObject {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
}

/** A step's name and what its code means. */
export function evidenceStepWords({ step, code }: EvidenceStep): Words {
  const name: Words = EVIDENCE_STEP_WORDS[step];
  const meaning = code === null ? null : wordsOf(code);
  return meaning === null ? { ...name } : { zh: `${name.zh}：${meaning.zh}`, en: `${name.en}: ${meaning.en}` };
}

function wordsOf(code: string): Words | null {
  const tables: readonly Readonly<Record<string, Words>>[] = [EVIDENCE_CODES, CODE_WORDS, CHAIN_WORDS];
  return tables.map((table) => table[code]).find((words) => words !== undefined) ?? null;
}

function sentencesOf(failed: EvidenceStep | undefined, steps: readonly EvidenceStep[], ledger: Verdict | null): Words {
  if (failed !== undefined) {
    const why = evidenceStepWords(failed);
    return {
      zh: `未通过验证：第 ${failed.step} 步，${why.zh}（${failed.code}）。`,
      en: `Not verified: step ${failed.step}, ${why.en} (${failed.code}).`,
    };
  }
  const notes = steps.filter(({ code }) => code !== null).length;
  const held = ledger?.sentences ?? { zh: '', en: '' };
  return {
    zh: `十一个步骤全部通过${notes > 0 ? `，其中 ${notes} 步有说明` : ''}。${held.zh}`,
    en: `All eleven steps passed${notes > 0 ? `, ${notes} of them with a note` : ''}. ${held.en}`,
  };
}
