/** Puts a pack in force at once by the demonstration's supervisor, as a tightening does. */
import { fromHex } from '#ledger/primitives/bytes.ts';
import { rememberPack } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Services } from '#server/context.ts';

export async function putInForce(
  { ledger, market, clock, random }: Pick<Services, 'ledger' | 'market' | 'clock' | 'random'>,
  pack: RulePack,
) {
  const { demo, chain } = ledger;
  if (demo === null) throw new Error('a demonstration chain');
  const now = clock.now();
  const op = {
    kind: 'rule_pack_activate',
    jurisdiction: pack.id,
    from: BigInt(now),
    tighten: 1,
    pack: fromHex(rememberPack(pack), 32),
  } as const;
  const window = { notBefore: BigInt(now - 1000), notAfter: BigInt(now + 3_600_000) };
  const [result] = await market.sequence(demo.supervisor.batchSign([{ chain, salt: random.bytes(16), ...window, op }]));
  if (result?.kind !== 'sequenced') throw new Error(result?.code ?? 'nothing');
}
