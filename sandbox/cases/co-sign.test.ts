import { describe, expect, test } from 'vitest';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { experimentHash } from '../experiments/experiment.ts';
import { afterStep } from '../experiments/steps.ts';
import { fillTemplate, TEMPLATES } from '../experiments/templates.ts';
import { PACKS, packHash } from '../packs/pack.ts';
import { type CoSignPaper, coSignWordMessage, readCoSign } from './co-sign.ts';

const CHAIN = new Uint8Array(32).fill(7);
const bodyOf = (op: Op): TxBody => ({ chain: CHAIN, salt: new Uint8Array(16), notBefore: 0n, notAfter: 1n, op });

const [template] = TEMPLATES;
const [pack, otherPack] = PACKS;
if (template === undefined || pack === undefined || otherPack === undefined) throw new Error('templates and packs ship');
const draft = fillTemplate(template, {
  ...{ id: 'SBX-2026-0009', declarationNo: '9144DEMO-2026-0002', pack, today: '2026-11-28', gameIds: ['demo'] },
  classIds: [`cls_${'1'.repeat(32)}`],
});
const registered = afterStep({ ...draft, status: 'PUBLIC_NOTICE' }, 'register', null);
const transition = {
  kind: 'experiment_transition',
  ...{ experiment: recordKey.experiment(registered.id), to: 3, flags: 0, doc: fromHex(experimentHash(registered), 32) },
} as const satisfies Op;
const stepPaper: CoSignPaper = { kind: 'experiment_step', experiment: registered, step: 'register', reason: 'As agreed.' };
const activation = {
  kind: 'rule_pack_activate',
  ...{ jurisdiction: pack.id, pack: fromHex(packHash(pack), 32), from: 1_800_000_000_000n, tighten: 0 },
} as const satisfies Op;
const packPaper: CoSignPaper = { kind: 'pack_activation', pack, reason: 'A trial.' };

test('what the bytes do is said in both languages', () => {
  const step = readCoSign(CHAIN, bodyOf(transition), stepPaper);
  expect(step.en).toContain('SBX-2026-0009');
  expect(step.en).toContain('REGISTERED');
  expect(step.zh).toContain('已登记');
  expect(readCoSign(CHAIN, bodyOf(activation), packPaper).en).toContain(`${pack.id} ${pack.version} in force from 2027-01-15`);
  expect(readCoSign(CHAIN, bodyOf({ ...activation, tighten: 1 }), packPaper).en).toContain('at once');
});

describe('a paper that explains other bytes explains nothing', () => {
  test.each<[what: string, op: Op, paper: CoSignPaper]>([
    ['another experiment', { ...transition, experiment: recordKey.experiment('SBX-2026-0001') }, stepPaper],
    ['another document', transition, { ...stepPaper, experiment: { ...registered, hypothesis: 'Another.' } }],
    ['another state in the document', transition, { ...stepPaper, experiment: { ...registered, status: 'TESTING' } }],
    ['another step', transition, { ...stepPaper, step: 'halt' }],
    ['another stage on the ledger', { ...transition, to: 8 }, stepPaper],
    ['another pack', activation, { ...packPaper, pack: otherPack }],
    ['another jurisdiction', { ...activation, jurisdiction: 'KR' }, packPaper],
    ['another op', activation, stepPaper],
    ['another op', transition, packPaper],
  ])('%s', (_what, op, paper) => {
    expect(() => readCoSign(CHAIN, bodyOf(op), paper)).toThrow(expect.objectContaining({ code: 'co_sign_paper_differs' }));
  });

  test('another chain', () => {
    const other = { ...bodyOf(transition), chain: new Uint8Array(32) };
    expect(() => readCoSign(CHAIN, other, stepPaper)).toThrow(expect.objectContaining({ code: 'co_sign_other_chain' }));
  });
});

test('a word is for one market, one act and one request', () => {
  const word = { act: 'decline', coSignId: 'cos_1', reason: 'No.', at: '2026-11-28T00:00:00.000Z' } as const;
  const texts = [
    coSignWordMessage(CHAIN, word),
    coSignWordMessage(new Uint8Array(32), word),
    coSignWordMessage(CHAIN, { ...word, act: 'list' }),
    coSignWordMessage(CHAIN, { ...word, coSignId: 'cos_2' }),
    coSignWordMessage(CHAIN, { ...word, reason: 'Not.' }),
  ].map(String);
  expect(new Set(texts).size).toBe(5);
});
