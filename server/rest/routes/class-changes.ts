/** What changes on a declared kind: cap, terms with their notice (product T-06), art (T-04). Each is one ClassUpdate. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { ART_BYTES_MAX, ART_SIDE_MAX, ART_TYPES, type ArtFormat, readArtFormat } from '../../studio/art-format.ts';
import { pathOfArt } from '../../studio/art-list.ts';
import { type DeclaredClass, findDeclaredClass, listArt, saveArt, saveTermChange, setSupplyCap } from '../../studio/class-changes.repo.ts';
import { planTerms, type TermsPlan, termsInForce, termsSm3 } from '../../studio/class-terms.ts';
import { type ClassChange, mediaSm3, planClassUpdate } from '../../studio/update-class.ts';
import { artAnswer, artList, classChangeAnswer } from '../answers.schema.ts';
import { type Also, type LedgerWriteBody, ledgerWrite, type PlannedWrite } from '../ledger-write.ts';
import { Problem } from '../problems.ts';
import { type Picture, pictureRoute, type RouteCall, readRoute, route } from '../router.ts';
import { patchItemClass, putArt } from '../schemas.ts';

/** @throws {Problem} `class_unknown` */
async function ownClass(call: RouteCall<unknown>): Promise<DeclaredClass> {
  const known = await findDeclaredClass(call.services.sql, call.caller.acct, call.params.id ?? '');
  if (known === null) throw new Problem('class_unknown');
  return known;
}

/** @throws {Problem} `cap_raise`, `class_unknown` */
function plannedUpdate(
  call: RouteCall<{ readonly reference_id: string }>,
  known: DeclaredClass,
  change: ClassChange,
  save: (sql: Parameters<Also>[0], txId: Uint8Array) => Promise<void>,
) {
  const { ports } = call.services.studio;
  const facts = { acct: call.caller.acct, referenceId: call.body.reference_id, classId: known.classId, serial: known.serial };
  const planned = planClassUpdate(ports, facts, change);
  if (planned.kind === 'rejected') throw new Problem(planned.code);
  const { plan, capBefore } = planned;
  const sequence: PlannedWrite<object>['sequence'] = async (envs, also) => {
    await ports.sequence(envs, async (sql, results) => {
      const [txId] = plan.txIdsOf(results);
      if (txId === undefined) throw new Error('assertion failed: one ClassUpdate has one place');
      await save(sql, txId);
      await also(sql, [toHex(txId)]);
    });
    ports.onClassChanged(known.classId);
  };
  return { plan, capBefore, sequence };
}

/** @throws {Problem} `terms_unchanged`, `notice_short` with the earliest moment */
function plannedTerms(call: RouteCall<PatchBody>, known: DeclaredClass, now: Instant): Exclude<TermsPlan, { kind: 'rejected' }> | null {
  const { terms, effective_from: text } = call.body;
  if (terms === undefined) return null;
  const planned = planTerms(known.terms, terms, text === undefined ? null : instant(Date.parse(text)), now);
  if (planned.kind !== 'rejected') return planned;
  if (planned.code === 'terms_unchanged') throw new Problem('terms_unchanged');
  throw new Problem('notice_short', { fields: [{ path: 'effective_from', message: `not before ${toIso(planned.earliest)}` }] });
}

type PatchBody = LedgerWriteBody & {
  readonly supply_cap?: number | undefined;
  readonly terms?: Parameters<typeof planTerms>[1] | undefined;
  readonly effective_from?: string | undefined;
};

async function prepareChange(call: RouteCall<PatchBody>) {
  const known = await ownClass(call);
  const now = call.services.clock.now();
  const terms = plannedTerms(call, known, now);
  const cap = call.body.supply_cap === undefined ? undefined : BigInt(call.body.supply_cap);
  const from = terms?.kind === 'announced' ? terms.from : null;
  const change = { supplyCap: cap, terms: terms === null ? undefined : { sm3: termsSm3(terms.terms), from: BigInt(from ?? 0) } };
  const { plan, capBefore, sequence } = plannedUpdate(call, known, change, async (sql, txId) => {
    if (cap !== undefined) await setSupplyCap(sql, known.classId, cap);
    if (terms === null) return;
    const before = termsInForce(known.terms, now);
    const { reference_id: referenceId } = call.body;
    await saveTermChange(sql, { classId: known.classId, txId, referenceId, at: now, from, before, after: terms.terms });
  });
  const facts = {
    class_id: known.classId,
    ...(cap === undefined ? {} : { supply_cap: { before: capBefore === 0n ? null : capBefore.toString(), now: cap.toString() } }),
    ...(terms === null
      ? {}
      : {
          terms: {
            state: terms.kind,
            effective_from: from === null ? null : toIso(from),
            changes: terms.changes,
            terms_sm3: toHex(termsSm3(terms.terms)),
          },
        }),
  };
  return { plan, status: 200, facts, sequence };
}

/** Also what the console does for a studio whose issuing key lies here. @throws {Problem} */
export function changeItemClass(call: RouteCall<PatchBody>) {
  return ledgerWrite(call, {
    name: `PATCH /item-classes/${call.params.id}`,
    line: `class ${call.params.id}`,
    prepare: () => prepareChange(call),
  });
}

/** @throws {Problem} `art_type_refused`, `art_type_mismatch`, `art_side_exceeded` */
function readPicture({ bytes, contentType }: Picture): ArtFormat {
  const format = readArtFormat(bytes);
  if (format === null) throw new Problem('art_type_refused');
  if (contentType.split(';', 1)[0]?.trim().toLowerCase() !== format.type) throw new Problem('art_type_mismatch');
  if (Math.max(format.width, format.height) > ART_SIDE_MAX) throw new Problem('art_side_exceeded');
  return format;
}

type ArtBody = { readonly reference_id: string; readonly art_sm3: string };

async function prepareArt(call: RouteCall<ArtBody>, bytes: Picture['bytes'], format: ArtFormat) {
  const known = await ownClass(call);
  const { art_sm3: artSm3, reference_id: referenceId } = call.body;
  const media = mediaSm3({ path: pathOfArt(format.type), sm3: artSm3, size: bytes.length });
  const at = call.services.clock.now();
  const { plan, sequence } = plannedUpdate(call, known, { media }, (sql, txId) =>
    saveArt(sql, { classId: known.classId, txId, referenceId, at, sm3: artSm3, mediaSm3: toHex(media), format, bytes }),
  );
  const { type, width, height } = format;
  const art = { sm3: artSm3, media_sm3: toHex(media), media_type: type, width, height, size: bytes.length, href: `/media/${artSm3}` };
  return { plan, status: 200, facts: { class_id: known.classId, art }, sequence };
}

export const classChangeRoutes = [
  route({
    method: 'PATCH',
    path: '/item-classes/{id}',
    summary: 'Lower the supply cap at once, or announce other terms; the entry and the answer hold the old and the new value',
    access: 'write',
    schema: patchItemClass,
    answer: classChangeAnswer,
    run: changeItemClass,
  }),
  pictureRoute({
    method: 'PUT',
    path: '/item-classes/{id}/art',
    summary: `Art of a kind: a still picture (${ART_TYPES.join(', ')}) of at most 2 MiB and ${ART_SIDE_MAX} pixels a side`,
    access: 'write',
    schema: putArt,
    answer: artAnswer,
    maxBytes: ART_BYTES_MAX,
    run: (call) => {
      const { query, picture } = call.body;
      const format = readPicture(picture);
      const { reference_id, dry_run, ledger_tx } = query;
      // The reference holds what tells two pictures apart, not the picture.
      const body = {
        reference_id,
        dry_run: dry_run === 'true',
        art_sm3: toHex(sm3(picture.bytes)),
        media_type: format.type,
        size: picture.bytes.length,
        ...(ledger_tx === undefined ? {} : { ledger_txs: [toHex(fromHex(ledger_tx))] }),
      };
      const artCall = { ...call, body };
      return ledgerWrite(artCall, {
        name: `PUT /item-classes/${call.params.id}/art`,
        line: `class ${call.params.id}`,
        prepare: () => prepareArt(artCall, picture.bytes, format),
      });
    },
  }),
  readRoute({
    path: '/item-classes/{id}/art',
    summary: 'What a kind looks like and what it looked like before, newest first',
    answer: artList,
    run: async (call) => ({ status: 200, body: { rows: await listArt(call.services.sql, (await ownClass(call)).classId) } }),
  }),
];
