/** Who may seal an evidence package (`ledger.md` 18): the organisations that a chain has ever given the operator's role. */
import { type ConsortiumConfig, ROLE } from '#ledger/codec/config.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import type { Link, TrustBundle } from '#ledger/proof/receipt.ts';

/** Names of members and, after a takeover, of Agents (13.3). A package of before a takeover keeps its operator. */
export function operatorsOf({ genesis, links }: TrustBundle): readonly string[] {
  const configs = [genesis.config, ...links.flatMap(configOf)];
  const operators = configs.flatMap(({ members, agents }) => [...members, ...agents]).filter(({ role }) => role === ROLE.operator);
  return [...new Set(operators.map(({ org }) => org))];
}

function configOf(link: Link): readonly ConsortiumConfig[] {
  if (link.kind === 'recovery') return [link.recovery.config];
  const { op } = decodeEntry(link.entry).env.body;
  return op.kind === 'config_update' ? [op.config] : [];
}
