/** What pages ask a supervisor to sign who is elsewhere: every step waits, is finished by its signature, and by nothing else. */
import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeTxBody, encodeTxEnv } from '#ledger/codec/tx.ts';
import { encodeTxSig } from '#ledger/codec/tx-sig.ts';
import { generatePrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import type { KeyPair } from '#ledger/node/keys.ts';
import { fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import type { ClassId, ItemId } from '#ledger/primitives/ids.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { signIds, signTx } from '#ledger/tx/sign.ts';
import { packApprovalDocument, stepApprovalDocument, stepDocument } from '#sandbox/cases/approval-order.ts';
import { deskDocument } from '#sandbox/cases/desk-order.ts';
import { PACKS, packHash } from '#sandbox/packs/pack.ts';
import { joinMessage } from '#sandbox/studios/join-document.ts';
import { openCoSigns } from '#server/co-sign/co-signs.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { silentLog } from '#server/log.ts';
import { declineCoSign, listCoSigns, type SupervisorPlace, signCoSign } from '#server/members/co-sign-client.ts';
import { createStudioClient } from '#server/sdk/studio-client.ts';
import type { CoSignView, StudioJoinStatus } from '#server/trpc/views.ts';
import { createPlayerClient } from '#server/workers/demonstration/player-client.ts';
import { DECLARATION } from '#test/support/declaration.ts';
import type { OutsideParty } from '#test/support/outside-party.ts';
import { join, newPerson } from '#test/support/person.ts';
import { plantKind } from '#test/support/planted-kind.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { openVisitor, refusalOf, type TestServer } from '#test/support/server.ts';
import { type OwnAuthority, type OwnOfficial, openOwnAuthority } from './officials.ts';

export type OwnWorld = { readonly server: TestServer; readonly party: OutsideParty; readonly supervisor: KeyPair };

const DAY_MS = 86_400_000;
const NAME = 'Lantern Games';
const random = seededRandom('co-sign');
const draw = (): KeyPair => {
  const privateKey = generatePrivateKey((length) => random.bytes(length));
  return { privateKey, publicKey: publicKeyOf(privateKey) };
};
const newActId = () => toHex(random.bytes(16));

export function coSignCases(world: () => OwnWorld): void {
  describe('a supervisor elsewhere signs what pages ask for', () => {
    let authority: OwnAuthority;
    let operator: OwnOfficial;
    let tax: OwnOfficial;
    let market: OwnOfficial;
    const signIn = () => Promise.all([operator, tax, market].map((each) => each.signIn()));
    const place = (change: Partial<SupervisorPlace> = {}): SupervisorPlace => {
      const { server, supervisor } = world();
      const { chain, sm2 } = server.services.ledger;
      return { market: server.base, chain, key: supervisor, sm2, now: server.clock.now(), ...change };
    };
    const waiting = async () => {
      const answer = await listCoSigns(place());
      if (answer.kind === 'refused') throw new Error(answer.code);
      return answer.requests;
    };
    const only = async () => {
      const [request, ...others] = await waiting();
      if (request === undefined || others.length > 0) throw new Error('exactly one request waits');
      return request;
    };
    /** Every row and the log: what a refusal may not change. */
    const everything = async () => {
      const { server } = world();
      const rows = await server.database.sql`select co_sign_id, state, answered_at, done_at from compliance.co_signatures order by 1`;
      const [count] = await server.database.sql`select count(*)::int as txs from ledger.ledger_txs`;
      return JSON.stringify([rows, count]);
    };

    beforeAll(async () => {
      const { server } = world();
      authority = await openOwnAuthority(server, { op: 'operator', tax: 'sup_tax', market: 'sup_market' });
      operator = await authority.official('op', 'Wang Operator', 'OP-1');
      tax = await authority.official('tax', 'Zhao Tax', 'TAX-1');
      market = await authority.official('market', 'Qian Market', 'MARKET-1');
    });

    const key = draw();
    const rest = draw();
    let applicationId = '';
    let writeKeyId = '';
    let readKey = '';
    const opening = () => {
      const { server } = world();
      const { chain, sm2 } = server.services.ledger;
      const policy = singleKeyPolicy(key.publicKey);
      const now = BigInt(server.clock.now());
      const op = { kind: 'account_open', policy, accountKind: 1, kyc: new Uint8Array(32), env: new Uint8Array(32) } as const;
      const body = { chain, salt: random.bytes(16), notBefore: now - 60_000n, notAfter: now + 3_600_000n, op };
      const signer = { acct: accountIdFromPolicy(policy), keyIdx: 0, keyEpoch: 0, privateKey: key.privateKey };
      return signTx(sm2, signer, [body]).map((env) => toHex(encodeTxEnv(env)))[0] ?? '';
    };
    const openAccount = () => openVisitor(world().server.base).api.studioJoin.openAccount.mutate({ applicationId, accountOpen: opening() });
    const status = (): Promise<StudioJoinStatus> => openVisitor(world().server.base).api.studioJoin.get.query({ applicationId });

    test('the opening of a studio’s account waits; a supervisor may refuse it in words', async () => {
      const { server } = world();
      const { chain, sm2 } = server.services.ledger;
      const certificate = authority.certify({ commonName: NAME, organization: NAME }, key.publicKey);
      const facts = {
        ...{ nameZh: '灯笼游戏', nameEn: NAME, creditCode: '91350100M000100Y43', restKey: toHex(rest.publicKey) },
        licences: [{ name: 'ICP', number: '沪B2-20260001', issuer: 'MIIT' }],
        payout: { holder: NAME, bank: 'Test Bank', number: '6222000011112222' },
      };
      const signature = toHex(sm2.sign(key.privateKey, joinMessage(toHex(chain), toHex(sm3(certificate)), facts)));
      const pem = `-----BEGIN CERTIFICATE-----\n${toBase64(certificate)}\n-----END CERTIFICATE-----\n`;
      ({ applicationId, writeKeyId, readKey } = await openVisitor(server.base).api.studioJoin.submit.mutate({ ...facts, pem, signature }));
      const order = {
        actId: newActId(),
        queue: 'studio' as const,
        subjectId: applicationId,
        act: 'verified' as const,
        text: 'Compared with the register.',
      };
      await operator.api().desk.act.mutate({ ...order, signature: operator.sign(deskDocument(order)) });

      expect(await openAccount()).toMatchObject({ state: 'verified', coSign: { state: 'waiting', kind: 'studio_account', reason: null } });
      expect((await refusalOf(openAccount())).code).toBe('co_sign_waiting');
      const request = await only();
      expect(request).toMatchObject({ fault: null, askedBy: NAME, about: { en: expect.stringContaining(`the studio ${NAME}`) } });
      expect(request.signedBy).toHaveLength(2);
      expect(await declineCoSign(place(), request.coSignId, 'The licence has run out.')).toMatchObject({ request: { state: 'declined' } });
      expect(await status()).toMatchObject({ state: 'verified', coSign: { state: 'declined', reason: 'The licence has run out.' } });
      expect(await signCoSign(place(), request.coSignId, null)).toMatchObject({ code: 'co_sign_unknown' });
    });

    test('wrong keys, another chain, changed bytes and a time that is over are refused with their codes, and nothing is changed', async () => {
      const { server } = world();
      const { ledger } = server.services;
      await openAccount();
      const { coSignId, txId, body } = await only();
      const before = await everything();
      const refuses = async (call: Promise<{ readonly kind: string; readonly code?: string }>, code: string) => {
        expect(await call).toMatchObject({ kind: 'refused', code });
        expect(await everything()).toBe(before);
      };
      await refuses(listCoSigns(place({ key: draw() })), 'co_sign_not_supervisor');
      await refuses(listCoSigns(place({ key: ledger.operator })), 'co_sign_not_supervisor');
      const stranger = { ...draw(), publicKey: world().supervisor.publicKey };
      await refuses(listCoSigns(place({ key: stranger })), 'co_sign_signature_invalid');
      await refuses(listCoSigns(place({ chain: sm3(ledger.chain) })), 'co_sign_signature_invalid');
      await refuses(listCoSigns(place({ now: server.clock.now() - 6 * 60_000 })), 'co_sign_word_stale');
      await refuses(signCoSign(place(), coSignId, 'ab'.repeat(32)), 'co_sign_other_tx');

      // Past the client: the market holds every signature against the bytes that it keeps.
      const listing = await listCoSigns(place());
      if (listing.kind === 'refused') throw new Error(listing.code);
      const { acct, keyIdx, keyEpoch } = listing.signer;
      const send = async (id: string, how: { chain?: Uint8Array; privateKey?: Uint8Array; acct?: Uint8Array; epoch?: number } = {}) => {
        const signer = {
          ...{ acct: how.acct ?? fromHex(acct, 32), keyIdx, keyEpoch: how.epoch ?? keyEpoch },
          privateKey: how.privateKey ?? world().supervisor.privateKey,
        };
        const [sig] = signIds(ledger.sm2, signer, 'PLP1/txsig', how.chain ?? ledger.chain, [fromHex(id, 32)]);
        const sent = { coSignId, sig: sig === undefined ? '' : toHex(encodeTxSig(sig)) };
        const response = await fetch(`${server.base}/co-sign/v1/sign`, { method: 'POST', body: JSON.stringify(sent) });
        return { kind: response.ok ? 'answered' : 'refused', ...(await response.json()) };
      };
      await refuses(send(txId, { privateKey: draw().privateKey }), 'co_sign_signature_invalid');
      await refuses(send(txId, { chain: sm3(ledger.chain) }), 'co_sign_signature_invalid');
      await refuses(send(toHex(sm3(fromHex(txId, 32)))), 'co_sign_signature_invalid');
      await refuses(send(txId, { epoch: keyEpoch + 1 }), 'co_sign_signature_invalid');
      await refuses(send(txId, { acct: ledger.operator.acct, privateKey: ledger.operator.privateKey }), 'co_sign_not_supervisor');

      expect(body.op.kind).toBe('account_open');
      server.clock.advance(2 * 3_600_000);
      expect(await send(txId)).toMatchObject({ kind: 'refused', code: 'co_sign_expired' });
      expect(await status()).toMatchObject({ state: 'verified', coSign: { state: 'ended', endCode: 'co_sign_expired' } });
      expect(await waiting()).toEqual([]);
    });

    test('a market that shows another paper, or asks for another chain, gets no signature from the command', async () => {
      const { server } = world();
      await openAccount();
      const { coSignId } = await only();
      const before = await everything();
      const lying = async (change: (request: Record<string, unknown>) => object) => {
        const real = globalThis.fetch;
        globalThis.fetch = async (input, init) => {
          const response = await real(input, init);
          if (!String(input).endsWith('/list')) return response;
          const told = await response.json();
          return Response.json({ ...told, requests: told.requests.map((each: Record<string, unknown>) => ({ ...each, ...change(each) })) });
        };
        try {
          return await signCoSign(place(), coSignId, null);
        } finally {
          globalThis.fetch = real;
        }
      };
      const paperOf = (request: Record<string, unknown>) => Object(request.paper);
      const other = authority.certify({ commonName: NAME, organization: NAME }, draw().publicKey);
      const swapped = await lying((each) => ({ paper: { ...paperOf(each), certificate: toBase64(other) } }));
      expect(swapped).toMatchObject({ kind: 'refused', code: 'co_sign_paper_differs' });
      const elsewhere = await lying(({ body }) => ({ body: `${String(body).slice(0, 4)}${'0'.repeat(64)}${String(body).slice(68)}` }));
      expect(elsewhere).toMatchObject({ kind: 'refused', code: 'co_sign_other_chain' });
      expect(await everything()).toBe(before);
      expect(server.services.ledger.pending.accountById(accountIdFromPolicy(singleKeyPolicy(key.publicKey)))).toBeNull();
    });

    test('signed, the account opens; a second signature is refused; the studio issues and a player buys', async () => {
      const { server } = world();
      const { ledger } = server.services;
      const { coSignId } = await only();
      expect(await signCoSign(place(), coSignId, null)).toMatchObject({ kind: 'answered', request: { state: 'signed', isDone: true } });
      expect(await status()).toMatchObject({ state: 'active', coSign: null });
      const before = await everything();
      expect(await signCoSign(place(), coSignId, null)).toMatchObject({ code: 'co_sign_unknown' });
      expect(await declineCoSign(place(), coSignId, 'Too late for this.')).toMatchObject({ code: 'co_sign_answered' });
      expect(await everything()).toBe(before);
      await settled();

      const studio = createStudioClient({
        ...{ base: server.base, keyId: writeKeyId, privateKey: rest.privateKey, readKey, sm2: ledger.sm2 },
        ...{ now: () => server.clock.now(), random: (length: number) => random.bytes(length) },
      });
      const signer = { acct: accountIdFromPolicy(singleKeyPolicy(key.publicKey)), keyIdx: 0, keyEpoch: 0, privateKey: key.privateKey };
      /** Tried out first; the bodies that come back are signed by the studio's own key. */
      const issue = async (path: string, body: Record<string, unknown>) => {
        const dry = await studio.write('POST', path, { ...body, dry_run: true });
        const bodies: readonly string[] = Object(dry.body).ledger_tx_bodies ?? [];
        const envs =
          bodies.length === 0
            ? []
            : signTx(
                ledger.sm2,
                signer,
                bodies.map((hex) => decodeTxBody(fromHex(hex))),
              );
        const answer = await studio.write('POST', path, { ...body, ledger_txs: envs.map((env) => toHex(encodeTxEnv(env))) });
        expect(answer, JSON.stringify([dry.body, answer.body])).toMatchObject({ status: 201 });
        await settled();
        return answer;
      };
      const game = await studio.write('POST', '/api/v1/games', {
        ...{ reference_id: 'game', game_ref: 'lantern', name: { zh: '灯笼', en: 'Lantern' }, approval_no: 'ISBN 978-7-0000-0000-1' },
      });
      expect(game.status).toBe(201);
      const game_id = String(Object(game.body).game_id);
      const sword = { class_ref: 'sword', name: { en: 'Sword' }, category: 'Mods', type: 'Mod', icon: 'processor' };
      await issue('/api/v1/item-classes', { reference_id: 'kinds', game_id, rows: [sword] });
      const [seller, buyer] = [await player('ann'), await player('bo')];
      await issue('/api/v1/mints', { reference_id: 'mint', game_id, rows: [{ class_ref: 'sword', to: seller.acct }] });
      const [item] = await server.database.sql<{ item_id: ItemId; class_id: ClassId }[]>`select item_id, class_id from custody.items`;
      if (item === undefined) throw new Error('one item was issued');

      await buyer.client.deposit({ referenceId: 'in', amountFen: '100000' });
      const money = async () => {
        server.clock.advance(5_000);
        return (await buyer.client.api.money.get.query()).availableFen;
      };
      await expect.poll(money, { timeout: 30_000 }).toBe('100000');
      const wish = { classId: item.class_id, itemIds: [item.item_id], priceFen: '20000', quantity: 1, targetOrderId: null };
      const listing = await placeOne(seller, { ...wish, intent: 'listing' as const });
      const bought = await placeOne(buyer, { ...wish, intent: 'take_listing' as const, targetOrderId: listing.orderId });
      expect(bought.state).toMatch(/filled|settled/);
      const [owner] = await server.database.sql<{ owner: string }[]>`select owner from custody.items where item_id = ${item.item_id}`;
      expect(owner?.owner).toBe(buyer.acct);
    });

    /** Of the age, with a card, a key and a recovery file: who may trade. */
    async function player(name: string) {
      const { server, party } = world();
      const { sm2 } = server.services.ledger;
      const person = newPerson(name);
      const visitor = openVisitor(server.base);
      await join(visitor, person, sm2, server.clock.now(), party.codeOf);
      await visitor.api.account.bindCard.mutate({ cardNumber: `62220000000000${name.charCodeAt(0)}001` });
      await visitor.api.account.confirmRecovery.mutate();
      const acct = (await visitor.api.account.me.query())?.acct ?? '';
      const client = createPlayerClient({
        ...{ base: server.base, acct, privateKey: person.privateKey, sm2 },
        random: (length) => random.bytes(length),
      });
      await client.signIn();
      await settled();
      return { acct, client };
    }

    async function placeOne({ client }: Awaited<ReturnType<typeof player>>, wish: Parameters<typeof client.api.quote.get.mutate>[0]) {
      const quote = await client.api.quote.get.mutate(wish);
      const [input] = client.signSheet([{ quote, referenceId: toHex(random.bytes(8)) }]);
      if (input === undefined) throw new Error('one quote, one order');
      const answer = await client.api.order.place.mutate(input);
      if (answer.kind === 'rejected') throw new Error(`refused: ${answer.code}`);
      return answer.order;
    }

    async function settled() {
      const { ledger } = world().server.services;
      await expect.poll(() => ledger.health().waiting, { timeout: 30_000, interval: 50 }).toBe(0);
    }

    const ID = 'SBX-2026-0007';
    const EXPERIMENT = { experimentId: ID, newEnd: null };
    type StepName = 'declare' | 'publish' | 'register' | 'start' | 'resume' | 'pause' | 'succeed' | 'halt';
    const desk = () => tax.api().experimentDesk.get.query({ experimentId: ID });
    const orderOf = async (step: StepName) => {
      const documentHash = toHex(sm3(canonicalBytes(JSON.parse((await desk()).document))));
      return { actId: newActId(), experimentId: ID, step, newEnd: '', documentHash };
    };
    const move = async (who: OwnOfficial, step: StepName) => {
      const order = { ...(await orderOf(step)), reason: 'As agreed today.' };
      const { actId, reason } = order;
      return who.api().experimentDesk.move.mutate({ ...EXPERIMENT, step, reason, actId, signature: who.sign(stepDocument(order)) });
    };
    const agree = async (who: OwnOfficial, step: StepName) => {
      const order = await orderOf(step);
      const signature = who.sign(stepApprovalDocument(order));
      return who.api().experimentDesk.approve.mutate({ ...EXPERIMENT, step, actId: order.actId, signature });
    };

    test('an experiment is registered and moved by signatures that come from elsewhere, after a crash between too, and once', async () => {
      const { server } = world();
      const { services } = server;
      await signIn();
      const { gameId, classId } = await plantKind(server.database.sql);
      const { document } = await operator.api().experimentDesk.template.query({
        ...{ templateId: 'X2', experimentId: ID, declarationNo: DECLARATION.applicationNo },
        ...{ gameIds: [gameId], classIds: [classId] },
      });
      await operator.api().experimentDesk.draft.mutate({ document, declaration: JSON.stringify(DECLARATION) });
      await move(operator, 'declare');
      await move(operator, 'publish');
      // What waits for its block would run out of time.
      await settled();
      server.clock.advance(8 * DAY_MS);
      await signIn();
      await agree(market, 'register');
      const asked = await move(tax, 'register');
      expect(asked).toMatchObject({ experiment: { status: 'PUBLIC_NOTICE' }, coSigns: [{ step: 'register', state: 'waiting' }] });
      expect((await refusalOf(move(tax, 'register'))).code).toBe('co_sign_waiting');

      // The market dies between the signature and the step.
      const { coSignId } = await only();
      const listing = await listCoSigns(place());
      if (listing.kind === 'refused') throw new Error(listing.code);
      const { signer } = listing;
      const [sig] = signIds(
        services.ledger.sm2,
        { ...signer, acct: fromHex(signer.acct, 32), privateKey: world().supervisor.privateKey },
        'PLP1/txsig',
        services.ledger.chain,
        [fromHex((await only()).txId, 32)],
      );
      if (sig === undefined) throw new Error('one id, one signature');
      const dies = { check: async () => undefined, finish: () => Promise.reject(new Error('power cut')) };
      const dying = openCoSigns(
        { ...services, log: silentLog },
        {
          ...{ experiment_step: dies, pack_activation: dies, studio_account: dies, case_act: dies },
        },
      );
      expect(await dying.sign(coSignId, sig)).toMatchObject({ state: 'signed', doneAt: null });
      expect((await desk()).experiment.status).toMatch(/PUBLIC_NOTICE|REGISTERED/);
      await services.coSigns.turn();
      await services.coSigns.turn();
      const registered = await desk();
      expect(registered).toMatchObject({ experiment: { status: 'REGISTERED' }, coSigns: [] });
      expect(registered.steps.filter(({ step }) => step === 'register')).toHaveLength(1);
      expect(registered.taken.at(-1)).toMatchObject({ step: 'register', signed: { name: 'Zhao Tax', isSound: true } });
      await settled();

      await move(operator, 'start');
      await agree(operator, 'succeed');
      await move(tax, 'succeed');
      await move(tax, 'halt');
      expect((await desk()).coSigns.map(({ step }) => step).toSorted()).toEqual(['halt', 'succeed']);
      const halt = (await waiting()).find(({ about }) => about?.en.includes('halt') === true);
      expect(halt).toMatchObject({ fault: null, about: { zh: expect.stringContaining('已停止') } });
      expect(await signCoSign(place(), halt?.coSignId ?? '', null)).toMatchObject({ request: { isDone: true } });
      expect((await desk()).experiment.status).toBe('HALTED');
      // What can be taken no more ends as soon as somebody looks.
      expect(await waiting()).toEqual([]);
      const rows = await server.database
        .sql`select step, state, end_code from compliance.co_signatures where subject_id = ${ID} order by step`;
      expect(rows.map((row) => [row.step, row.state, row.end_code])).toEqual([
        ['halt', 'signed', null],
        ['register', 'signed', null],
        ['succeed', 'ended', 'experiment_state'],
      ]);
      await settled();
    });

    test('a rule pack that was published and approved on the pages is activated by the signature', async () => {
      const { server } = world();
      const { ledger } = server.services;
      await signIn();
      const base = findActivePack(ledger.pending, server.clock.now())?.pack ?? PACKS[0];
      if (base === undefined) throw new Error('a pack is in force');
      const { proposalId } = await tax.api().packs.propose.mutate({
        ...{ baseHash: packHash(base), version: '2026.7', changes: { 'const.drawnItemsResale': 'false' }, reason: 'Drawn items rest.' },
        ...{ mode: 'TIGHTEN', effectiveFrom: new Date(server.clock.now()).toISOString(), authorization: null },
      });
      const { packHash: hash, mode, effectiveFrom } = await tax.api().packs.publish.mutate({ proposalId });
      const actId = newActId();
      const signature = tax.sign(packApprovalDocument({ actId, proposalId, packHash: hash, mode, effectiveFrom }));
      await tax.api().packs.approve.mutate({ proposalId, actId, signature });
      const view = async (): Promise<{ state: string; coSign: CoSignView | null }> => tax.api().packs.proposal.query({ proposalId });
      expect(await tax.api().packs.activate.mutate({ proposalId })).toMatchObject({ state: 'public', coSign: { state: 'waiting' } });
      const { coSignId, signedBy } = await only();
      expect(signedBy).toEqual([]);
      expect(await signCoSign(place(), coSignId, null)).toMatchObject({ request: { isDone: true } });
      expect(await view()).toMatchObject({ state: 'activated', coSign: null });
      expect(findActivePack(ledger.pending, server.clock.now())?.pack.version).toBe('2026.7');
      await settled();
      const rows = server.database.sql`update compliance.co_signatures set asked_by = 'another' where co_sign_id = ${coSignId}`;
      await expect(rows).rejects.toThrow('is over');
    });
  });
}
