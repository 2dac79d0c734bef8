import { describe, expect, test } from 'vitest';
import { ROLE } from '#ledger/codec/config.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import { fromHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, documentHash, freezeDocument, freezeOp, liftDocument, unfreezeOp } from './case-order.ts';
import { claimAttest, reverseOp, rulingDocument } from './claim-order.ts';
import { rolesToSign } from './co-sign.ts';
import { haltDocument, haltOp, resumeDocument } from './halt-order.ts';
import { judgementDocument, judgementOp } from './judgement-order.ts';
import { openingDocument, openingOp } from './opening.ts';
import { type ActPaper, readAct } from './read-act.ts';
import { referDocument, referOp } from './refer-order.ts';
import { returnDocument, returnOp } from './return-order.ts';

const act = (digit: string) => digit.repeat(32);
const ACCOUNT = 'c'.repeat(64);
const OTHER = 'd'.repeat(64);
const UNTIL = '2026-12-01T00:00:00.000Z';
const CASE = `cas_${act('9')}`;
const REASON = 'Reported as stolen by its owner.';
const item = { kind: 'item', serial: 17n } as const;
const account = { kind: 'account', acct: fromHex(ACCOUNT, 32) } as const;

const freeze = freezeDocument({
  ...{ actId: act('1'), caseId: CASE, scope: 'item', targetId: `itm_${act('2')}`, reasonCode: 'stolen_item', reason: REASON, until: UNTIL },
});
const payout = { ...freeze, scope: 'payout', targetId: ACCOUNT };
const lift = liftDocument({ actId: act('3'), freezeId: `frz_${act('1')}`, reason: 'It was found again.' });
const halt = haltDocument({
  ...{ actId: act('4'), caseId: CASE, scope: 'class', targetId: 'cls_1', reasonCode: 'technical', reason: REASON, until: UNTIL },
  openOrders: 'cancel',
});
const resume = resumeDocument({ actId: act('5'), haltId: `hlt_${act('4')}`, reason: 'The prices are right again.' });
const opening = openingDocument({
  ...{ actId: act('6'), caseId: CASE, subject: ACCOUNT, legalGround: 'AML Law art. 45', reason: REASON, scope: ['name', 'phone'] },
});
const judgement = judgementDocument({
  ...{ actId: act('7'), caseId: CASE, itemId: `itm_${act('2')}`, to: ACCOUNT, court: 'Internet Court', docket: '(2026) 1' },
  ...{ fileSm3: 'ab'.repeat(32), reason: REASON },
});
const back = returnDocument({ actId: act('8'), caseId: CASE, reportId: `rpt_${act('2')}`, isGoodFaith: true, reason: REASON });
const referral = referDocument({ actId: act('a'), caseId: CASE, authority: 'court', reason: REASON });
const upheld = rulingDocument('supervisor', { actId: act('b'), claimId: `clm_${act('2')}`, isUpheld: true, reason: REASON });
const refused = rulingDocument('supervisor', { actId: act('b'), claimId: `clm_${act('2')}`, isUpheld: false, reason: REASON });

const paper = (document: CaseDocument, about: CaseDocument | null = null): ActPaper => ({ document, about });
const move = { serial: 17n, ver: 2n, to: account.acct };
const reversal = { entry: 5n, items: [move], pay: ZERO_32, rulePack: ZERO_32 };
const until = BigInt(Date.parse(UNTIL));
const ACTS: readonly [name: string, op: Op, paper: ActPaper, said: readonly string[]][] = [
  ['freeze', freezeOp('item', item, until, documentHash(freeze)), paper(freeze), ['Freeze item', 'number 17', UNTIL, CASE, 'stolen item']],
  ['freeze of payouts', freezeOp('payout', account, until, documentHash(payout)), paper(payout), ['payouts of account', ACCOUNT]],
  ['lift', unfreezeOp('item', item, documentHash(lift)), paper(lift, freeze), ['Lift the freeze of item', 'number 17', 'found again']],
  ['halt', haltOp(3, documentHash(halt)), paper(halt), ['Halt the kind cls_1 (number 3', 'cancelled', UNTIL]],
  ['resumption', haltOp(3, documentHash(resume)), paper(resume, halt), ['Resume trading of the kind cls_1', 'right again']],
  ['opening', openingOp(account.acct, documentHash(opening)), paper(opening), [ACCOUNT, 'name phone', 'AML Law art. 45', CASE]],
  ['judgement', judgementOp(move, documentHash(judgement)), paper(judgement), ['number 17', ACCOUNT, '(2026) 1', 'ab'.repeat(32)]],
  [
    'return',
    returnOp({ entry: 5n, item: move, rulePack: ZERO_32 }, documentHash(back)),
    paper(back),
    ['entry 5', 'in good faith', ACCOUNT],
  ],
  ['referral', referOp(documentHash(referral)), paper(referral), ['Refer to court', CASE]],
  ['dispute upheld', reverseOp(reversal, documentHash(upheld)), paper(upheld), ['entry 5 is reversed', 'number 17', ACCOUNT]],
  ['dispute refused', claimAttest(5n, documentHash(refused)), paper(refused), ['Refuse the dispute', 'entry 5']],
];

describe.each(ACTS)('%s', (_name, op, given, said) => {
  test('is said from its bytes, in both languages', () => {
    const words = readAct(op, given);
    for (const each of said) expect(words?.en).toContain(each);
    expect(words?.zh).toMatch(/\p{Script=Han}/u);
    expect(words?.zh).toContain(given.document.reason);
  });

  test('no field of its document can be told otherwise', () => {
    for (const field of Object.keys(given.document)) {
      const document = { ...given.document, [field]: `${given.document[field]}x` };
      expect(readAct(op, { ...given, document }), field).toBeNull();
    }
  });

  test('explains no other act', () => {
    for (const [, other] of ACTS) if (other !== op) expect(readAct(other, given)).toBeNull();
  });
});

test.each<[what: string, op: Op, paper: ActPaper]>([
  ['another end', freezeOp('item', item, until + 1n, documentHash(freeze)), paper(freeze)],
  ['a kind for an item', freezeOp('item', { kind: 'class', cls: 17 }, until, documentHash(freeze)), paper(freeze)],
  ['another account', freezeOp('payout', { kind: 'account', acct: fromHex(OTHER, 32) }, until, documentHash(payout)), paper(payout)],
  ['a lift of another freeze', unfreezeOp('item', item, documentHash(lift)), paper(lift, { ...freeze, actId: act('e') })],
  ['a lift of nothing', unfreezeOp('item', item, documentHash(lift)), paper(lift)],
  ['another person', openingOp(fromHex(OTHER, 32), documentHash(opening)), paper(opening)],
  ['another winner', judgementOp({ ...move, to: fromHex(OTHER, 32) }, documentHash(judgement)), paper(judgement)],
  ['a reversal with money', reverseOp({ ...reversal, pay: fromHex(OTHER, 32) }, documentHash(back)), paper(back)],
])('%s is not what the paper says', (_what, op, given) => {
  expect(readAct(op, given)).toBeNull();
});

test('a judgement needs the court beside the supervisor, everything else the supervisor', () => {
  for (const [name, op] of ACTS)
    expect(rolesToSign(op), name).toEqual(name === 'judgement' ? [ROLE.supervisor, ROLE.court] : [ROLE.supervisor]);
});
