/**
 * The one transition function of the ledger (`ledger.md` 5): the same at submission, sequencing, endorsement and replay.
 * It reads the view, changes nothing, and answers the effects or the first code that refuses.
 */

import type { Op } from '#ledger/codec/op-types.ts';
import { encodeEntry, MAX_ENTRY_BYTES, type TxEnv } from '#ledger/codec/tx.ts';
import { REGISTER_CAPACITY } from '#ledger/merkle/register.ts';
import { unreachable } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { type LedgerCode, type Rejected, rejected } from '#ledger/tx/codes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import type { Applied, ApplyContext } from './applied.ts';
import { Draft } from './draft.ts';
import { applyAccountOpen, applyAccountRotate, applyConsent } from './ops-accounts.ts';
import { applyClassDefine, applyClassUpdate, applyStudioSunset } from './ops-classes.ts';
import { applyConfigUpdate, applyEvidence } from './ops-consortium.ts';
import { applyCourtOrder, applyFreeze, applyTradeReverse, applyUnfreeze } from './ops-enforcement.ts';
import { applyBurn, applyItemUpdate, applyLock, applyMint, applyTransfer, applyUnlock } from './ops-items.ts';
import { applyAttest, applyExperimentTransition, applyPayloadErased, applyRulePackActivate } from './ops-records.ts';
import { applyOrderCancel, applyTrade } from './ops-trade.ts';
import { DAY_MS, type Run } from './rules.ts';
import { Signers } from './signers.ts';
import type { StateView } from './view.ts';

const MAX_WINDOW_MS = DAY_MS;

export function apply(view: StateView, context: ApplyContext, env: TxEnv): Applied | Rejected {
  const txId = txIdOf(env.body);
  const early = refuseBody(view, context, env, txId);
  if (early !== null) return rejected(early);
  const signers = Signers.verify(view, context, env, txId);
  if (typeof signers === 'string') return rejected(signers);
  const draft = new Draft(view);
  const refusal = applyOp(env.body.op, { view, draft, signers, context });
  if (refusal !== null) return rejected(refusal);
  if (signers.hasExtra()) return rejected('signer_extra');
  const { effects, leaves } = draft.finish();
  if (effects.some((effect) => effect.index >= BigInt(REGISTER_CAPACITY))) return rejected('register_full');
  if (encodeEntry({ height: context.height, pos: 0, env, effects }).length > MAX_ENTRY_BYTES) return rejected('entry_too_large');
  return { kind: 'applied', txId, notAfter: env.body.notAfter, effects, leaves, policies: draft.policies, configs: draft.configs };
}

/** Rows 4 to 6; rows 1 to 3 belong to the decoder (`parseTxEnv`). */
function refuseBody(view: StateView, context: ApplyContext, env: TxEnv, txId: Bytes): LedgerCode | null {
  const { chain, notBefore, notAfter } = env.body;
  if (!equalBytes(chain, context.chain)) return 'wrong_chain';
  if (view.hasTx(txId)) return 'tx_replayed';
  if (notAfter <= notBefore || notAfter - notBefore > MAX_WINDOW_MS) return 'window_invalid';
  if (context.now < notBefore) return 'too_early';
  return context.now < notAfter ? null : 'expired';
}

function applyOp(op: Op, run: Run): LedgerCode | null {
  switch (op.kind) {
    case 'account_open':
      return applyAccountOpen(op, run);
    case 'account_rotate':
      return applyAccountRotate(op, run);
    case 'class_define':
      return applyClassDefine(op, run);
    case 'mint':
      return applyMint(op, run);
    case 'burn':
      return applyBurn(op, run);
    case 'transfer':
      return applyTransfer(op, run);
    case 'trade':
      return applyTrade(op, run);
    case 'order_cancel':
      return applyOrderCancel(op, run);
    case 'lock':
      return applyLock(op, run);
    case 'unlock':
      return applyUnlock(op, run);
    case 'freeze':
      return applyFreeze(op, run);
    case 'unfreeze':
      return applyUnfreeze(op, run);
    case 'court_order':
      return applyCourtOrder(op, run);
    case 'attest':
      return applyAttest(op, run);
    case 'studio_sunset':
      return applyStudioSunset(op, run);
    case 'rule_pack_activate':
      return applyRulePackActivate(op, run);
    case 'experiment_transition':
      return applyExperimentTransition(op, run);
    case 'config_update':
      return applyConfigUpdate(op, run);
    case 'evidence':
      return applyEvidence(op, run);
    case 'payload_erased':
      return applyPayloadErased(op, run);
    case 'trade_reverse':
      return applyTradeReverse(op, run);
    case 'item_update':
      return applyItemUpdate(op, run);
    case 'class_update':
      return applyClassUpdate(op, run);
    case 'consent':
      return applyConsent(op, run);
    default:
      return unreachable(op);
  }
}
