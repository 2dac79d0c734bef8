/** Acts of officials on a chain where the supervisor's key is elsewhere: each waits, changes nothing meanwhile, and takes effect once. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyPair } from '#ledger/node/keys.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { signIds } from '#ledger/tx/sign.ts';
import { appealDocument, type FreezeOrder, freezeDocument, liftDocument } from '#sandbox/cases/case-order.ts';
import { haltDocument, resumeDocument } from '#sandbox/cases/halt-order.ts';
import { judgementDocument } from '#sandbox/cases/judgement-order.ts';
import { openingDocument } from '#sandbox/cases/opening.ts';
import { openCoSigns } from '#server/co-sign/co-signs.ts';
import { silentLog } from '#server/log.ts';
import { declineCoSign, listCoSigns, type SupervisorPlace, signCoSign } from '#server/members/co-sign-client.ts';
import type { CaseView, CoSignView } from '#server/trpc/views.ts';
import { join, newPerson } from '#test/support/person.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { openVisitor, refusalOf, type Visitor } from '#test/support/server.ts';
import type { OwnWorld } from './co-sign-cases.ts';
import { type OwnOfficial, openOwnAuthority } from './officials.ts';

const HOUR_MS = 3_600_000;
const random = seededRandom('acts of officials');
const newActId = () => toHex(random.bytes(16));
const REASON = 'Reported as stolen by its owner.';

/** After a sale: there is an item, and whoever sold it. */
export function caseActCases(world: () => OwnWorld & { readonly court: KeyPair }): void {
  describe('acts of officials wait for the signature of their office', () => {
    let market: OwnOfficial;
    let second: OwnOfficial;
    let tax: OwnOfficial;
    let person: Visitor;
    let acct = '';
    let itemId = '';
    let classId = '';
    let serial = 0n;
    let caseId = '';
    const signIn = () => Promise.all([market, second, tax].map((each) => each.signIn()));
    const place = (change: Partial<SupervisorPlace> = {}): SupervisorPlace => {
      const { server, supervisor } = world();
      const { chain, sm2 } = server.services.ledger;
      return { market: server.base, chain, key: supervisor, sm2, now: server.clock.now(), ...change };
    };
    const waiting = async (change: Partial<SupervisorPlace> = {}) => {
      const answer = await listCoSigns(place(change));
      if (answer.kind === 'refused') throw new Error(answer.code);
      return answer.requests;
    };
    const only = async (change: Partial<SupervisorPlace> = {}) => {
      const [request, ...others] = await waiting(change);
      if (request === undefined || others.length > 0) throw new Error('exactly one request waits');
      return request;
    };
    const signs = async () => signCoSign(place(), (await only()).coSignId, null);
    const DONE = { kind: 'answered', request: { state: 'signed', isDone: true } };
    const file = (): Promise<CaseView> => market.api().case.get.query({ caseId });
    const note = async (step: string): Promise<CoSignView | undefined> => (await file()).coSigns.find((each) => each.step.startsWith(step));
    /** All that an act of this case would change, and nothing that blocks and clocks write beside it. */
    const effects = async () => {
      const { server } = world();
      const { coSigns: _notes, ...rest } = await file();
      const [signed] = await server.database.sql`select count(*)::int as count from cases.signatures`;
      const leaf = server.services.ledger.pending.itemBySerial(serial);
      return JSON.stringify([rest, signed, String(leaf?.frozenUntil), String(leaf?.ver)]);
    };
    const settled = () => expect.poll(() => world().server.services.ledger.health().waiting, { timeout: 30_000, interval: 50 }).toBe(0);
    const orderOf = (hours: number, change: Partial<FreezeOrder> = {}): FreezeOrder => ({
      ...{ actId: newActId(), caseId, scope: 'item' as const, targetId: itemId, reasonCode: 'stolen_item' as const, reason: REASON },
      until: new Date(world().server.clock.now() + hours * HOUR_MS).toISOString(),
      ...change,
    });
    const freeze = (who: OwnOfficial, order: FreezeOrder) =>
      who.api().case.freeze.mutate({ ...order, signature: who.sign(freezeDocument(order)), signedTx: null });
    const lift = (who: OwnOfficial, freezeId: string) => {
      const order = { actId: newActId(), freezeId, reason: 'Its owner has found it again.' };
      return who.api().case.lift.mutate({ ...order, signature: who.sign(liftDocument(order)), signedTx: null });
    };
    const freezeOf = async (targetId: string) => {
      const found = (await file()).freezes.find((each) => each.targetId === targetId);
      if (found === undefined) throw new Error('it was frozen');
      return found;
    };

    beforeAll(async () => {
      const { server, party } = world();
      const { sql } = server.database;
      const authority = await openOwnAuthority(server, { market2: 'sup_market', tax2: 'sup_tax' });
      market = await authority.official('market2', 'Sun Market', 'MARKET-2');
      second = await authority.official('market2', 'Li Market', 'MARKET-3');
      tax = await authority.official('tax2', 'Zhou Tax', 'TAX-2');
      person = openVisitor(server.base);
      await join(person, newPerson('cai'), server.services.ledger.sm2, server.clock.now(), party.codeOf);
      acct = (await person.api.account.me.query())?.acct ?? '';
      const [item] = await sql<{ item_id: string; class_id: string; serial: string }[]>`
        select item_id, class_id, ledger_serial::text as serial from custody.items limit 1`;
      if (item === undefined) throw new Error('an item was issued');
      [itemId, classId, serial] = [item.item_id, item.class_id, BigInt(item.serial)];
      ({ caseId } = await market.api().case.open.mutate({ topic: 'theft', title: 'A lantern', ground: 'Criminal Law art. 264' }));
    });

    test('a freeze waits, said in words; only whoever works on the case takes it back; then nothing can be signed', async () => {
      await settled();
      expect(await market.api().case.signer.query()).toMatchObject({ publishedKey: null });
      const before = await effects();
      const order = orderOf(24);
      expect(await freeze(market, order)).toMatchObject({ state: 'waits' });
      const request = await only();
      expect(request).toMatchObject({ fault: null, kind: 'case_act', askedBy: 'Sun Market (Own)' });
      for (const said of [`number ${serial} on the ledger`, itemId, order.until, caseId, 'stolen item', REASON])
        expect(request.about?.en).toContain(said);
      expect(request.about?.zh).toContain(`冻结道具 ${itemId}`);
      expect(await note('freeze')).toMatchObject({ coSignId: request.coSignId, state: 'waiting', isDone: false });
      expect((await refusalOf(freeze(market, orderOf(12)))).code).toBe('co_sign_waiting');
      await world().server.services.coSigns.turn();
      expect(await effects()).toBe(before);

      const { coSignId } = request;
      expect((await refusalOf(tax.api().case.withdraw.mutate({ coSignId }))).code).toBe('case_unknown');
      await second.api().case.withdraw.mutate({ coSignId });
      expect(await note('freeze')).toMatchObject({ state: 'ended', endCode: 'co_sign_withdrawn', reason: 'Li Market (Own)' });
      expect(await signCoSign(place(), coSignId, null)).toMatchObject({ kind: 'refused', code: 'co_sign_unknown' });
      expect((await refusalOf(second.api().case.withdraw.mutate({ coSignId }))).code).toBe('co_sign_answered');
      expect(await effects()).toBe(before);
    });

    test('the command signs no act that its paper tells otherwise', async () => {
      const order = orderOf(24);
      await freeze(market, order);
      const { coSignId } = await only();
      const before = await effects();
      const lying = async (change: Record<string, string>) => {
        const real = globalThis.fetch;
        globalThis.fetch = async (input, init) => {
          const response = await real(input, init);
          if (!String(input).endsWith('/list')) return response;
          const told = await response.json();
          const told2 = told.requests.map((each: { paper: { document: object } }) => ({
            ...each,
            paper: { ...each.paper, document: { ...each.paper.document, ...change } },
          }));
          return Response.json({ ...told, requests: told2 });
        };
        try {
          return await signCoSign(place(), coSignId, null);
        } finally {
          globalThis.fetch = real;
        }
      };
      const lies = [
        { until: new Date(Date.parse(order.until) + HOUR_MS).toISOString() },
        { targetId: `itm_${'0'.repeat(32)}` },
        { reasonCode: 'other' },
        { caseId: `cas_${'0'.repeat(32)}` },
        { act: 'unfreeze' },
      ];
      for (const lie of lies) expect(await lying(lie)).toMatchObject({ kind: 'refused', code: 'co_sign_paper_differs' });
      expect(await effects()).toBe(before);
    });

    test('signed, the freeze is in force, once', async () => {
      const { server } = world();
      const { coSignId } = await only();
      expect(await signs()).toMatchObject(DONE);
      const active = await freezeOf(itemId);
      expect(active).toMatchObject({ state: 'active', setBy: 'MARKET-2', approvedBy: null });
      expect(server.services.ledger.pending.itemBySerial(serial)?.frozenUntil).toBe(BigInt(Date.parse(active.until)));
      expect(await note('freeze')).toBeUndefined();
      const after = await effects();
      await server.services.coSigns.turn();
      expect(await signCoSign(place(), coSignId, null)).toMatchObject({ code: 'co_sign_unknown' });
      expect(await effects()).toBe(after);
      expect((await file()).events.filter(({ act }) => act === 'freeze_set')).toHaveLength(1);
    });

    test('a long freeze needs two officials first; a crash between the signature and the act loses nothing', async () => {
      const { services } = world().server;
      const order = orderOf(7 * 24, { scope: 'account', targetId: acct });
      expect(await freeze(market, order)).toMatchObject({ state: 'proposed' });
      expect(await waiting()).toEqual([]);
      const { freezeId } = await freezeOf(acct);
      const approve = (who: OwnOfficial) =>
        who.api().case.approveFreeze.mutate({ freezeId, signature: who.sign(freezeDocument(order)), signedTx: null });
      expect((await refusalOf(approve(market))).code).toBe('second_person_needed');
      expect(await approve(second)).toMatchObject({ state: 'waits' });
      expect(await freezeOf(acct)).toMatchObject({ state: 'proposed', approvedBy: null });

      const { coSignId, about, txId } = await only();
      expect(about?.en).toContain(`Freeze account ${acct}`);
      const dies = { check: async () => undefined, finish: () => Promise.reject(new Error('power cut')) };
      const steps = { experiment_step: dies, pack_activation: dies, studio_account: dies, case_act: dies };
      const dying = openCoSigns({ ...services, log: silentLog }, steps);
      expect(await dying.sign(coSignId, await signatureOver(txId))).toMatchObject({ state: 'signed', doneAt: null });
      await services.coSigns.turn();
      const after = await effects();
      await services.coSigns.turn();
      expect(await effects()).toBe(after);
      expect(await freezeOf(acct)).toMatchObject({ state: 'active', setBy: 'MARKET-2', approvedBy: 'MARKET-3' });
    });

    test('an appeal is granted with the lift, in one commit, when the lift is signed', async () => {
      const { freezeId } = await freezeOf(acct);
      await person.api.restriction.appeal.mutate({ freezeId, text: 'The lantern is not with me at all.' });
      const { appeal } = await freezeOf(acct);
      if (appeal === null) throw new Error('it was appealed against');
      const third = tax;
      await market.api().case.step.mutate({ caseId, step: { act: 'shared', audience: 'tax' } });
      const decision = { actId: newActId(), appealId: appeal.appealId, isGranted: true, reason: 'The account holds no such item.' };
      const lifting = { actId: decision.actId, freezeId, reason: decision.reason };
      const signatures = { signature: third.sign(appealDocument(decision)), liftSignature: third.sign(liftDocument(lifting)) };
      expect(await third.api().case.answerAppeal.mutate({ ...decision, ...signatures, signedTx: null })).toEqual({ isDone: false });
      expect(await freezeOf(acct)).toMatchObject({ state: 'active', appeal: { state: 'open' } });
      expect((await only()).about?.en).toContain(`Lift the freeze of account ${acct}`);
      expect(await signs()).toMatchObject(DONE);
      expect(await freezeOf(acct)).toMatchObject({
        state: 'ended',
        endedAs: 'lifted',
        appeal: { state: 'granted', answer: decision.reason },
      });
    });

    test('a lift that is refused, and one whose time runs out, leave the freeze as it was', async () => {
      const { server } = world();
      await settled();
      const { freezeId } = await freezeOf(itemId);
      const before = await effects();
      expect(await lift(market, freezeId)).toEqual({ isDone: false });
      await declineCoSign(place(), (await only()).coSignId, 'The owner has to be heard first.');
      expect(await note('lift')).toMatchObject({ state: 'declined', reason: 'The owner has to be heard first.' });
      expect(await effects()).toBe(before);
      await lift(market, freezeId);
      server.clock.advance(23 * HOUR_MS);
      await server.services.coSigns.turn();
      await signIn();
      expect(await note('lift')).toMatchObject({ state: 'ended', endCode: 'co_sign_expired' });
      expect(await freezeOf(itemId)).toMatchObject({ state: 'active', endedAt: null });
      await lift(market, freezeId);
      expect(await signs()).toMatchObject(DONE);
      expect(await freezeOf(itemId)).toMatchObject({ state: 'ended', endedAs: 'lifted' });
      expect(server.services.ledger.pending.itemBySerial(serial)?.frozenUntil).toBeLessThanOrEqual(BigInt(server.clock.now()));
    });

    test('a kind stands still from the signature on, and trades again after another', async () => {
      const { server } = world();
      const order = {
        ...{
          actId: newActId(),
          caseId,
          scope: 'class' as const,
          targetId: classId,
          reasonCode: 'technical' as const,
          openOrders: 'keep' as const,
        },
        ...{ reason: 'Its prices are shown wrongly.', until: new Date(server.clock.now() + 24 * HOUR_MS).toISOString() },
      };
      const signature = market.sign(haltDocument(order));
      expect(await market.api().case.halt.mutate({ ...order, signature, signedTx: null })).toMatchObject({ state: 'waits' });
      expect(await market.api().case.halts.query()).toEqual([]);
      expect((await only()).about?.en).toMatch(/^Halt the kind .* open orders are kept/);
      expect(await signs()).toMatchObject(DONE);
      const [halted] = await market.api().case.halts.query();
      const back = { actId: newActId(), haltId: halted?.haltId ?? '', reason: 'The prices are right again.' };
      expect(await market.api().case.resume.mutate({ ...back, signature: market.sign(resumeDocument(back)), signedTx: null })).toEqual({
        isDone: false,
      });
      expect(await market.api().case.halts.query()).toHaveLength(1);
      expect(await signs()).toMatchObject(DONE);
      expect(await market.api().case.halts.query()).toEqual([]);
    });

    test('an identity is opened by two officials and the signature of their office', async () => {
      const order = {
        ...{ actId: newActId(), caseId, subject: acct, legalGround: 'Criminal Procedure Law art. 144' },
        ...{ reason: 'To hear whose the lantern is.', scope: ['name' as const] },
      };
      const document = openingDocument(order);
      const { openingId } = await market.api().look.askOpening.mutate({ ...order, signature: market.sign(document) });
      const approved = await second.api().look.approveOpening.mutate({ openingId, signature: second.sign(document), signedTx: null });
      expect(approved).toMatchObject({ state: 'waits' });
      const [shown] = await second.api().look.openings.query({ subject: acct });
      expect(shown).toMatchObject({ state: 'proposed', canApprove: false, coSign: { state: 'waiting' } });
      expect((await refusalOf(market.api().look.readIdentity.mutate({ openingId }))).code).toBe('opening_state');
      expect((await only()).about?.en).toContain(`Open the identity of account ${acct} (name)`);
      expect(await signs()).toMatchObject(DONE);
      expect(await market.api().look.readIdentity.mutate({ openingId })).toMatchObject({ fields: [{ field: 'name' }] });
    });

    test('a judgement moves the item when supervisor and court have signed, each on its own machine', async () => {
      const { server, court } = world();
      const { sql } = server.database;
      const ownerOf = async () => (await sql<{ owner: string }[]>`select owner from custody.items where item_id = ${itemId}`)[0]?.owner;
      await freeze(market, orderOf(24));
      expect(await signs()).toMatchObject(DONE);
      await settled();
      const order = {
        ...{ actId: newActId(), caseId, itemId, to: acct, court: 'Internet Court', docket: '(2026) 1', fileSm3: 'ab'.repeat(32) },
        reason: 'The court has given it to her.',
      };
      const before = await ownerOf();
      expect(await waiting({ key: court })).toEqual([]);
      const signature = market.sign(judgementDocument(order));
      expect(await market.api().case.judge.mutate({ ...order, signature, signedTx: null })).toEqual({ isDone: false });
      const { coSignId, about } = await only({ key: court });
      expect(about?.en).toContain(`item ${itemId} (number ${serial} on the ledger) goes to account ${acct}`);
      expect(await signs()).toMatchObject({ request: { state: 'waiting', isDone: false } });
      expect(await waiting()).toEqual([]);
      expect(await ownerOf()).toBe(before);
      expect((await only({ key: court })).signedBy).toHaveLength(1);
      expect(await signCoSign(place({ key: court }), coSignId, null)).toMatchObject(DONE);
      expect(await ownerOf()).toBe(acct);
      expect(await freezeOf(itemId)).toMatchObject({ state: 'ended' });
      await settled();
    });

    async function signatureOver(txId: string) {
      const { server, supervisor } = world();
      const listing = await listCoSigns(place());
      if (listing.kind === 'refused') throw new Error(listing.code);
      const { acct: own, ...key } = listing.signer;
      const signer = { ...key, acct: fromHex(own, 32), privateKey: supervisor.privateKey };
      const { ledger } = server.services;
      const [sig] = signIds(ledger.sm2, signer, 'PLP1/txsig', ledger.chain, [fromHex(txId, 32)]);
      if (sig === undefined) throw new Error('one id, one signature');
      return sig;
    }
  });
}
