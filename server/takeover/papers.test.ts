/** The desk's papers travel sealed: only the member they are for reads them, and only from whom they may come. */
import { expect, test } from 'vitest';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { fromBase64, toBase64 } from '#ledger/primitives/bytes.ts';
import { openPapers, type Papers, papersDocument, readKept, sealPapers } from './papers.ts';

const { sm2 } = startSm2();
const chain = new Uint8Array(32).fill(7);
const operator = demonstrationKeys('papers operator');
const stranger = demonstrationKeys('papers stranger');
const supervisor = demonstrationKeys('papers supervisor');
const heir = demonstrationKeys('papers heir');

const hex = (digit: string, length: number) => digit.repeat(length);
const PAPERS: Papers = {
  schema: 'daoju.papers/1',
  at: '2026-11-27T00:00:00.000Z',
  falseClaims: [
    { subjectId: `obj_${hex('1', 32)}`, acct: hex('a', 64), at: '2026-11-20T00:00:00.000Z', until: '2026-11-22T00:00:00.000Z' },
  ],
  takeovers: [
    {
      takeoverId: `tko_${hex('2', 32)}`,
      acct: hex('b', 64),
      text: 'Somebody had my phone since Monday.',
      at: '2026-11-20T00:00:00.000Z',
      until: '2026-12-20T00:00:00.000Z',
      document: { act: 'declare_takeover', actId: hex('2', 32), text: 'Somebody had my phone since Monday.' },
      signature: hex('c', 128),
      proof: { challenge: hex('d', 64), issuedAt: '2026-11-20T00:00:00.000Z', acct: hex('b', 64) },
      canceled: 1,
      doneAt: null,
    },
  ],
  awards: [
    {
      ...{ awardId: `gua_${hex('3', 32)}`, tradeId: `trd_${hex('4', 32)}`, itemId: 'itm_1', acct: hex('e', 64) },
      ...{ at: '2026-11-21T00:00:00.000Z', lostFen: '9007199254740993', leftFen: '5000000' },
    },
  ],
  closed: [{ acct: hex('f', 64), at: '2026-11-22T00:00:00.000Z' }],
  holds: [{ tradeId: `trd_${hex('5', 32)}`, quick: 1, hold: 'new_instrument', payoutAt: '2026-12-01T00:00:00.000Z' }],
  names: [{ acct: hex('a', 64), name: '青竹' }],
  watched: [{ acct: hex('a', 64), classId: 'cls_1', belowFen: '9007199254740993', sinceFen: null, at: '2026-11-22T00:00:00.000Z' }],
  offers: [{ acct: hex('a', 64), isTaken: false, at: '2026-11-22T00:00:00.000Z' }],
  hidden: [{ classId: `cls_${hex('6', 32)}`, at: '2026-11-23T00:00:00.000Z' }],
};

const seal = (privateKey = operator.privateKey, to = { id: 3, encPub: supervisor.encPublicKey }) =>
  sealPapers({ sm2, chain, random: systemRandom, privateKey, to }, PAPERS);
const open = (sealed = seal(), more: object = {}) =>
  openPapers({ sm2, chain, publicKeys: [operator.publicKey], self: 3, encryptionKey: supervisor.encPrivateKey, ...more }, sealed);

test('the member they are for reads them to the fen, and hands them on sealed for another', () => {
  const sealed = seal();
  expect(open(sealed)).toEqual(PAPERS);
  expect(readKept(supervisor.encPrivateKey, sealed)).toEqual(PAPERS);
  const passedOn = seal(supervisor.privateKey, { id: 4, encPub: heir.encPublicKey });
  expect(open(passedOn, { publicKeys: [supervisor.publicKey], self: 4, encryptionKey: heir.encPrivateKey })).toEqual(PAPERS);
  expect(readKept(supervisor.encPrivateKey, passedOn)).toBeNull();
});

test('nobody else opens them, and nothing in them can be changed', () => {
  const sealed = seal();
  expect(open(sealed, { encryptionKey: heir.encPrivateKey })).toBeNull();
  expect(open(sealed, { self: 4 })).toBeNull();
  expect(open(seal(stranger.privateKey))).toBeNull();
  expect(open(sealed, { chain: new Uint8Array(32) })).toBeNull();
  expect(open({ ...sealed, at: '2026-11-28T00:00:00.000Z' })).toBeNull();
  const box = fromBase64(sealed.box);
  box[box.length - 1] = (box[box.length - 1] ?? 0) ^ 1;
  expect(open({ ...sealed, box: toBase64(box) })).toBeNull();
  expect(JSON.stringify(sealed)).not.toContain('phone');
});

test('papers of a market of before, which said less, are read', () => {
  const { falseClaims, takeovers, awards } = PAPERS;
  const before = papersDocument.parse({ schema: 'daoju.papers/1', at: PAPERS.at, falseClaims, takeovers, awards });
  expect(before).toMatchObject({ closed: [], holds: [], names: [], watched: [], offers: [] });
});
