/** A chain that began with one member goes on with several (`ledger.md` 1, stages): a ConfigUpdate, in force sixteen blocks later. */

import type { Member } from '#ledger/codec/config.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import type { KeyPair } from '#ledger/node/keys.ts';
import { severalMembers } from '#ledger/node/membership.ts';
import type { LedgerNode } from '#ledger/node/types.ts';
import { configHash } from '#ledger/tx/ids.ts';
import { type SequenceGround, sequenceOutside } from '#server/custody/sequence.ts';
import type { Random } from '#server/random.ts';

const WINDOW_MS = 600_000n;

/** Records the configuration with these members if one member seals alone now; approved by its governance key. The code, when refused. */
export async function moveOn(
  ground: SequenceGround & { readonly random: Random },
  joining: readonly Member[],
  governance: KeyPair,
): Promise<'several' | 'pending' | 'recorded' | string> {
  const { ledger, clock, random } = ground;
  if (ledger.config.members.length > 1) return 'several';
  if (isPending(ledger)) return 'pending';
  const config = severalMembers(ledger.config, joining);
  const [own] = ledger.config.members;
  const sig = ledger.sm2.sign(governance.privateKey, signedMessage('PLP1/cfgsig', ledger.chain, configHash(config)));
  const now = BigInt(clock.now());
  const envs = ledger.operator.batchSign([
    {
      chain: ledger.chain,
      salt: random.bytes(16),
      notBefore: now - WINDOW_MS / 2n,
      notAfter: now + WINDOW_MS,
      op: { kind: 'config_update', config, approvals: [{ member: own?.id ?? 0, sig }] },
    },
  ]);
  const [result] = await sequenceOutside(ground, envs);
  return result?.kind === 'rejected' ? result.code : 'recorded';
}

function isPending({ pending, config }: LedgerNode): boolean {
  const [newest] = pending.recordsOfKind(3);
  if (newest === undefined) return false;
  return (pending.configByHash(newest.value)?.epoch ?? config.epoch) > config.epoch;
}
