import { describe, expect, test } from 'vitest';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import { demonstrationCertificate, demonstrationCrl } from '#ledger/node/demonstration-pki.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { type Bytes, fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { type DeskAct, deskDocument } from '#sandbox/cases/desk-order.ts';
import { type JoinFacts, joinMessage } from '#sandbox/studios/join-document.ts';
import { createStudioClient } from '#server/sdk/studio-client.ts';
import { recheckStudios } from '#server/studio/join/join.ts';
import { JOIN_STUDIO_REFUSALS, type JoinStudioCode } from '#server/studio/join/join-codes.ts';
import { ensureDemonstrationStudio } from '#server/workers/demonstration/studio-account.ts';
import { openOfficial } from '#test/support/officials.ts';
import { openVisitor, refusalOf } from '#test/support/server.ts';
import { DAY, enter, keyOf, outsideAuthority, random, server, sm2 } from './world.ts';

export function joinCases(): void {
  describe('a studio joins (T-01)', () => {
    const NAME = 'Lantern Games';
    const CODE = '91350100M000100Y43';
    const pemOf = (label: string, der: Uint8Array) => `-----BEGIN ${label}-----\n${toBase64(der)}\n-----END ${label}-----\n`;
    const certify = (publicKey: Uint8Array, organization = NAME) =>
      demonstrationCertificate({
        authority: 'Studio CA',
        subject: { commonName: organization, organization },
        publicKey,
        profile: { kind: 'signing' },
        at: server.clock.now(),
      });
    const [own, rest] = [keyOf(), keyOf()];
    const facts: JoinFacts = {
      nameZh: '灯笼游戏',
      nameEn: NAME,
      creditCode: CODE,
      licences: [{ name: 'ICP', number: '沪B2-20260001', issuer: 'MIIT' }],
      payout: { holder: NAME, bank: 'Test Bank', number: '6222000011112222' },
      phone: '020-38888812',
      restKey: toHex(rest.publicKey),
    };
    const visitor = () => openVisitor(server.base).api.studioJoin;
    const wish = (change: Partial<JoinFacts> = {}, { certificate = certify(own.publicKey), key = own.privateKey, pem = '' } = {}) => {
      const said = { ...facts, ...change };
      const message = joinMessage(toHex(server.services.ledger.chain), toHex(sm3(certificate)), said);
      const licences = said.licences.map((licence) => ({ ...licence }));
      return { ...said, licences, pem: pem || pemOf('CERTIFICATE', certificate), signature: toHex(sm2().sign(key, message)) };
    };
    const studio = (keyId: string, readKey: string) =>
      createStudioClient({
        ...{ base: server.base, keyId, privateKey: rest.privateKey, readKey, sm2: sm2() },
        ...{ now: () => server.clock.now(), random: (length: number) => random.bytes(length) },
      });
    /** Of one of its people, whose certificate names the organisation. */
    const openConsole = async () => {
      const person = keyOf();
      const subject = { commonName: 'Wei Lan', organization: NAME, organizationalUnit: 'studio', serialNumber: 'L-1' };
      const certificate = demonstrationCertificate({
        ...{ authority: 'Studio CA', subject, publicKey: person.publicKey, profile: { kind: 'signing' } },
        at: server.clock.now(),
      });
      const { browser, signIn } = await enter(certificate, person.privateKey);
      await signIn;
      return browser.api.studio;
    };
    const reached = new Set<string>();
    const refuses = async (call: Promise<unknown>, code: JoinStudioCode) => {
      expect(await refusalOf(call)).toMatchObject({ code, message: JOIN_STUDIO_REFUSALS[code].message });
      reached.add(code);
    };
    const freshLists = async (revoked: readonly { serial: Bytes; at: Instant }[] = []) => {
      // After the market has refreshed its own, so that these are the later ones.
      await server.services.pki.ready();
      server.clock.advance(2_000);
      const now = server.clock.now();
      const list = (issuer: 'Studio CA' | 'Operator CA' | 'root', gone: typeof revoked) =>
        demonstrationCrl(issuer, {
          number: Math.floor(now / 1000) + 2,
          thisUpdate: instant(now - (now % 1_000)),
          nextUpdate: instant(now + 30 * DAY),
          revoked: gone,
        });
      const crls = [list('root', []), list('Operator CA', []), list('Studio CA', revoked)];
      const taken = await server.services.pki.import({ certificates: [], crls, trustsRoots: false, isLicensed: false, purpose: 'other' });
      expect(taken).toMatchObject({ kind: 'imported', crls: 3 });
    };

    test('what is wrong with an application is told, and no application is kept', async () => {
      await freshLists();
      const apply = (given: ReturnType<typeof wish>) => visitor().submit.mutate(given);
      await refuses(apply(wish({ creditCode: CODE.replace(/3$/, '4') })), 'credit_code_malformed');
      await refuses(apply(wish({ phone: '12345' })), 'studio_phone_malformed');
      await refuses(apply(wish({}, { pem: 'no certificate' })), 'join_certificate_missing');
      const outside = outsideAuthority('Elsewhere');
      await refuses(apply(wish({}, { certificate: outside.person('x', own.publicKey) })), 'join_certificate_refused');
      await refuses(apply(wish({}, { certificate: certify(own.publicKey, 'Another Studio') })), 'join_name_mismatch');
      await refuses(apply(wish({ payout: { ...facts.payout, holder: 'Lin Yue' } })), 'payout_holder_mismatch');
      await refuses(apply({ ...wish(), nameZh: '别的名字' }), 'join_signature_invalid');
      await ensureDemonstrationStudio(server.services);
      await refuses(apply(wish({ nameZh: NAME, nameEn: 'Demonstration Studio' })), 'studio_name_taken');
      await refuses(visitor().get.query({ applicationId: `app_${'0'.repeat(32)}` }), 'application_unknown');
      expect(await server.database.sql`select 1 from studio.applications`).toHaveLength(0);
      expect(await server.database.sql`select 1 from studio.studios where name_en = ${NAME}`).toHaveLength(0);
    });

    test('its keys read and try out at once; verified at the desk and with its account open it writes; twice a year its certificate is looked at again', async () => {
      // A number that is signed for cannot be taken out.
      const { phone: _phone, ...silent } = wish();
      await refuses(visitor().submit.mutate(silent), 'join_signature_invalid');
      const joined = await visitor().submit.mutate(wish());
      expect(joined).toMatchObject({ state: 'applied', isLicensed: false });
      expect(await visitor().get.query({ applicationId: joined.applicationId })).toMatchObject({ phone: '****8812' });
      let { applicationId } = joined;
      await refuses(visitor().submit.mutate(wish()), 'studio_known');
      const second = keyOf();
      await refuses(
        visitor().submit.mutate(wish({}, { certificate: certify(second.publicKey), key: second.privateKey })),
        'credit_code_taken',
      );
      const client = studio(joined.writeKeyId, joined.readKey);
      const game = (referenceId: string, more = {}) =>
        client.write('POST', '/api/v1/games', { reference_id: referenceId, game_ref: 'lantern', name: { en: 'Lantern' }, ...more });
      expect(await game('try', { dry_run: true })).toMatchObject({ status: 200, body: { state: 'dry_run' } });
      expect(await game('early')).toMatchObject({ status: 403, body: { code: 'studio_not_active' } });
      expect((await client.read('/api/v1/item-classes')).status).toBe(200);

      const operator = await openOfficial(server, 'staff-operator');
      const act = async (step: DeskAct, text = 'Compared with the register of the office.') => {
        await operator.signIn();
        const order = { actId: operator.newActId(), queue: 'studio' as const, subjectId: applicationId, act: step, text };
        return operator.api.desk.act.mutate({ ...order, signature: operator.sign(deskDocument(order)) });
      };
      const line = async () => (await operator.api.desk.get.query()).rows.find(({ subjectId }) => subjectId === applicationId);
      // Refused, it may come again with what was missing.
      await act('closed', 'The licence named is of another organisation.');
      expect(await visitor().get.query({ applicationId })).toMatchObject({ state: 'refused', reason: expect.stringContaining('licence') });
      ({ applicationId } = await visitor().submit.mutate(wish()));
      expect(await line()).toMatchObject({
        queue: 'studio',
        kind: 'applied',
        about: CODE,
        mayVerify: true,
        text: expect.stringContaining('NOT LICENSED'),
      });
      const { chain } = server.services.ledger;
      const acct = fromHex(joined.acct, 32);
      const opening = (accountKind: number, lifeMs: bigint) => {
        const now = BigInt(server.clock.now());
        const op = {
          kind: 'account_open' as const,
          policy: singleKeyPolicy(own.publicKey),
          accountKind,
          kyc: new Uint8Array(32),
          env: new Uint8Array(32),
        };
        const body = { chain, salt: random.bytes(16), notBefore: now - 60_000n, notAfter: now + lifeMs, op };
        const [env] = signTx(sm2(), { acct, keyIdx: 0, keyEpoch: 0, privateKey: own.privateKey }, [body]);
        return env === undefined ? '' : toHex(encodeTxEnv(env));
      };
      const open = (accountKind: number, lifeMs = 3_600_000n) =>
        visitor().openAccount.mutate({ applicationId, accountOpen: opening(accountKind, lifeMs) });
      await refuses(open(1), 'application_state');
      await act('verified');
      await refuses(open(0), 'account_open_mismatch');
      await refuses(open(1, -60_000n), 'account_open_refused');
      const early = await openConsole();
      await refuses(early.overview.query(), 'console_closed');
      expect(await open(1)).toMatchObject({ state: 'active' });
      expect(await game('first', { approval_no: 'ISBN-9' })).toMatchObject({ status: 201 });
      expect((await early.kinds.query({})).rows).toEqual([]);
      // Its opening would run out of time before the clock is moved.
      await server.services.ledger.sealNow();

      const half = async (revoked: readonly { serial: Bytes; at: Instant }[] = []) => {
        server.clock.advance(185 * DAY);
        await freshLists(revoked);
        await recheckStudios(server.services);
        return visitor().get.query({ applicationId });
      };
      expect(await half()).toMatchObject({ state: 'active', reason: null });
      const entered = await openConsole();
      await act('suspended', 'The licence was withdrawn by its office.');
      await refuses(entered.kinds.query({}), 'console_closed');
      expect(await game('late', { game_ref: 'other' })).toMatchObject({ status: 403, body: { code: 'studio_not_active' } });
      await act('verified');
      // Its account is open already.
      expect(await visitor().openAccount.mutate({ applicationId, accountOpen: '' })).toMatchObject({ state: 'active' });
      const [stored] = await server.database.sql<{ certificate: Uint8Array }[]>`select certificate from studio.applications`;
      const serial = parseCertificate(new Uint8Array(stored?.certificate ?? [])).serial;
      expect(await half([{ serial, at: instant(server.clock.now()) }])).toMatchObject({
        state: 'suspended',
        reason: 'certificate_revoked',
      });
      expect((await refusalOf(act('verified'))).code).toBe('join_certificate_refused');
      const last = await line();
      expect([last?.kind, last?.steps.map((step) => step.act).toSorted()]).toEqual(['suspended', ['suspended', 'verified', 'verified']]);
      expect(Object.keys(JOIN_STUDIO_REFUSALS).filter((code) => !reached.has(code))).toEqual([]);
    });
  });
}
