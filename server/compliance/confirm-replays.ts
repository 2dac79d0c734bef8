/** A supervisor has a policy replay run again by its own member, which signs the same body or says what differs (rulebook 6.8, product V-23). */
import { z } from 'zod';
import { type Member, ROLE } from '#ledger/codec/config.ts';
import { fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import type { Ground } from '#server/context.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { RefusalError, type RefusalKind } from '#server/refusal.ts';
import { findReplayInputs, insertConfirmation, listConfirmations, type ReplayConfirmation } from './replay-confirmations.repo.ts';
import { replayMessage } from './replay-message.ts';
import { findReplay } from './replays.repo.ts';

export type ConfirmReplaysGround = Pick<Ground, 'sql' | 'clock' | 'ledger'> & { readonly endpointOf: (member: Member) => string | null };

export const CONFIRM_REFUSALS = {
  replay_unknown: { kind: 'not_found', message: 'There is no such replay.' },
  replay_not_done: { kind: 'conflict', message: 'The replay has no result that could be confirmed.' },
  replay_inputs_missing: {
    kind: 'conflict',
    message: 'This replay was made before its inputs were kept. Ask for it again and confirm that one.',
  },
  replay_confirmed: { kind: 'conflict', message: 'Your member has confirmed this replay already.' },
  not_a_member: { kind: 'forbidden', message: 'Your organisation is no member of the consortium in force.' },
  member_silent: {
    kind: 'unavailable',
    message: 'Your organisation’s member does not answer. Try again when it is back; nothing was done.',
  },
  replay_unsigned: {
    kind: 'unprocessable',
    message: 'Your member does not find the operator’s signature on this result. Nothing was signed.',
  },
  replay_inputs_malformed: { kind: 'unprocessable', message: 'Your member cannot read the inputs of this replay. Nothing was signed.' },
  replay_body_differs: {
    kind: 'unprocessable',
    message: 'Your member comes to another result than the operator has signed. Nothing was signed.',
  },
  replay_ledger_differs: {
    kind: 'unprocessable',
    message: 'The trades of this replay are not those that your member has certified. The first that differs is named; nothing was signed.',
  },
  replay_refused: { kind: 'unprocessable', message: 'Your member refuses to run this replay. Its reason is named; nothing was signed.' },
} as const satisfies Record<string, { readonly kind: RefusalKind; readonly message: string }>;

export type ConfirmReplayCode = keyof typeof CONFIRM_REFUSALS;

function refuse(code: keyof typeof CONFIRM_REFUSALS, facts: Readonly<Record<string, string>> = {}): RefusalError {
  const { kind, message } = CONFIRM_REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}

/** A replay of 100,000 trades takes about a minute on a quiet core. */
const ASK_MS = 600_000;

const answered = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('confirmed'), member: z.int(), sig: z.string().regex(/^[0-9a-f]{128}$/) },
    ...{ trades: z.int().min(0), opened: z.int().min(0) },
  }),
  z.object({ kind: z.literal('rejected'), code: z.string(), facts: z.record(z.string(), z.string()) }),
]);

/** @throws {RefusalError} one of CONFIRM_REFUSALS; nothing is kept then */
export async function confirmByMember(
  { sql, clock, ledger, endpointOf }: ConfirmReplaysGround,
  staff: Pick<StaffSession, 'staffId'>,
  replayId: string,
): Promise<readonly ReplayConfirmation[]> {
  const replay = await findReplay(sql, replayId);
  if (replay === null) throw refuse('replay_unknown');
  const { bodyHash, signature } = replay;
  if (bodyHash === null || signature === null) throw refuse('replay_not_done', { state: replay.state });
  const members = ledger.config.members.filter(({ role }) => role === ROLE.supervisor);
  if (members.length === 0) throw refuse('not_a_member');
  const known = new Set((await listConfirmations(sql, replayId)).map(({ member: id }) => id));
  const member = members.find(({ id }) => !known.has(id));
  if (member === undefined) throw refuse('replay_confirmed');
  const inputs = await findReplayInputs(sql, replayId);
  if (inputs === null) throw refuse('replay_inputs_missing');
  const answer = await ask(endpointOf(member), { bodyHash, signature, inputs: toBase64(inputs) });
  if (answer === null) throw refuse('member_silent');
  if (answer.kind === 'rejected') {
    const code = Object.keys(CONFIRM_REFUSALS).find((each): each is keyof typeof CONFIRM_REFUSALS => each === answer.code);
    throw code === undefined ? refuse('replay_refused', { code: answer.code }) : refuse(code, answer.facts);
  }
  // Whatever the answer says, the signature must be the member's over the very body.
  const { sig, trades, opened } = answer;
  if (answer.member !== member.id || !ledger.sm2.verify(member.govPub, replayMessage(bodyHash), fromHex(sig, 64))) {
    throw refuse('replay_refused', { code: 'sig_invalid' });
  }
  const confirmation = { member: member.id, org: member.org, publicKey: toHex(member.govPub), signature: sig, trades, opened };
  if (!(await insertConfirmation(sql, replayId, confirmation, { staffId: staff.staffId, at: clock.now() })))
    throw refuse('replay_confirmed');
  return listConfirmations(sql, replayId);
}

async function ask(endpoint: string | null, body: object): Promise<z.infer<typeof answered> | null> {
  if (endpoint === null) return null;
  const response = await fetch(new URL('/replay/v1/confirm', endpoint), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ASK_MS),
  }).catch(() => null);
  const parsed = answered.safeParse(await response?.json().catch(() => null));
  return parsed.success ? parsed.data : null;
}
