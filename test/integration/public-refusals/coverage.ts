/** Codes that the refusal tests do not reach themselves: another test file that does, or why nobody outside can. */
import { EXPERIMENT_DESK_CODES } from '#server/experiments/refusals.ts';

const ATTRIBUTES = 'test/integration/item-attributes.test.ts';
const GIFTS = 'test/integration/gifts.test.ts';
const OUTSIDE = 'test/integration/outside-payment.test.ts';
const LATE = 'test/integration/finality-late.test.ts';
/** Over HTTP too: what needs people, kinds and days of its own. */
const MARKET = 'test/integration/market-refusals.test.ts';
const IDENTITY = 'test/integration/identity.test.ts';
const CLAIMS = 'test/integration/claims.test.ts';
const OWN_KEYS = 'test/integration/own-keys.test.ts';
const STUDIO = 'test/integration/studio-api.test.ts';
const STUDIO_KINDS = 'test/integration/studio-api/kinds.ts';
const STUDIO_LISTS = 'test/integration/studio-api/lists.ts';
const BUY_EXPRESSION = 'test/integration/buy-expression.test.ts';
const CLASS_CHANGES = 'test/integration/class-changes.test.ts';
const CERTIFICATES = 'test/integration/certificates.test.ts';
const CHAINS = 'ledger/pki/verify-chain.test.ts';
const JURISDICTIONS = 'sandbox/packs/jurisdictions.test.ts';
const SUNSET = 'test/integration/sunset.test.ts';
const OFFERS = 'test/integration/offers.test.ts';
const OFFER_REFUSALS = 'test/integration/offers/refusals.ts';
const FEED = 'test/integration/feed.test.ts';

/** The named file holds the code as a text of its own. */
export const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  exchange: {
    purchase_sealed: 'test/integration/protection.test.ts',
    ...Object.fromEntries(
      [
        'expression_malformed',
        'expression_unknown_attribute',
        'expression_type',
        'expression_fits_nothing',
        'order_item_mismatch',
        'fill_too_small',
        'life_out_of_range',
      ].map((code) => [code, BUY_EXPRESSION]),
    ),
    ...Object.fromEntries(
      [
        'gift_malformed',
        'gift_unknown',
        'gift_over',
        'gift_window',
        'gift_wait',
        'gift_on_hold',
        'not_your_gift',
        'recipient_unknown',
        'recipient_unfit',
        'self_gift',
        'not_giftable',
      ].map((code) => [code, GIFTS]),
    ),
    ...Object.fromEntries(['offer_gone', 'offer_rounds_used', 'offer_withdraw_early', 'offers_closed'].map((code) => [code, OFFERS])),
    ...Object.fromEntries(
      [
        'offer_life_out_of_range',
        'smallest_offer_out_of_range',
        'offer_not_yours',
        'offer_not_your_turn',
        'offer_exists',
        'offer_too_low',
        'too_many_offers',
      ].map((code) => [code, OFFER_REFUSALS]),
    ),
    cap_exceeded: JURISDICTIONS,
    cool_down: 'test/integration/surveillance.test.ts',
    linked_account: 'test/integration/openings.test.ts',
    not_resalable: CLASS_CHANGES,
    studio_sunset: SUNSET,
    market_halted: 'test/integration/halts.test.ts',
    books_differ: 'test/integration/trade.test.ts',
    listing_reserved: OUTSIDE,
    listing_ends_soon: OUTSIDE,
    finality_late: LATE,
    ...Object.fromEntries(
      [
        'quote_changed',
        'listing_in_publicity',
        'named_buyer_only',
        'buyer_unknown',
        'recovery_required',
        'level_required',
        'issuer_refused',
        'sale_on_hold',
        'withdrawal_on_hold',
        'disclosure_outdated',
        'fill_or_kill',
        'resale_wait',
        'too_many_orders',
        'experiment_inactive',
        'SBX_CAP_PARTICIPANTS',
        'SBX_CAP_PER_TRADE',
        'SBX_CAP_PER_PERSON_DAY',
        'SBX_CAP_PER_PERSON_MONTH',
        'SBX_CAP_EXPERIMENT_OPEN_EXPOSURE',
        'SBX_CAP_EXPERIMENT_TOTAL_TURNOVER',
        'PACK_EXPIRED',
      ].map((code) => [code, MARKET]),
    ),
  },
  identity: {
    seller_check_not_due: CLAIMS,
    phone_malformed: IDENTITY,
    sms_unavailable: OWN_KEYS,
    sms_refused: OWN_KEYS,
    code_unknown: IDENTITY,
    code_wrong: IDENTITY,
    code_sent_just_now: IDENTITY,
    code_tries_exceeded: IDENTITY,
    phone_taken: IDENTITY,
    display_name_invalid: IDENTITY,
    display_name_taken: IDENTITY,
    real_name_malformed: IDENTITY,
    id_number_malformed: IDENTITY,
    id_number_taken: IDENTITY,
    guardian_consent_missing: IDENTITY,
    real_name_mismatch: IDENTITY,
    real_name_unavailable: IDENTITY,
    card_required: IDENTITY,
    passphrase_required: IDENTITY,
    account_closed: IDENTITY,
    occupation_malformed: IDENTITY,
    enhanced_check_pending: IDENTITY,
    registration_unknown: IDENTITY,
    account_open_invalid: IDENTITY,
    account_unknown: IDENTITY,
    challenge_unknown: IDENTITY,
    sig_invalid: IDENTITY,
    session_unknown: IDENTITY,
    certificate_malformed: IDENTITY,
    certificate_untrusted: IDENTITY,
    certificate_expired: CERTIFICATES,
    certificate_revoked: CERTIFICATES,
    certificate_usage: CERTIFICATES,
    crl_missing: CERTIFICATES,
    certificate_not_yet_valid: CHAINS,
    certificate_curve: CHAINS,
    certificate_user_id: CHAINS,
    crl_stale: CHAINS,
  },
  rest: {
    studio_not_active: 'test/integration/certificates/joins.ts',
    ...Object.fromEntries(['attribute_fixed', 'attributes_unchanged', 'consent_missing', 'item_held'].map((code) => [code, ATTRIBUTES])),
    sunset_announced: SUNSET,
    sunset_short: SUNSET,
    ...Object.fromEntries(
      [
        'ledger_refused',
        'terms_unchanged',
        'mint_schedule_exceeded',
        'notice_short',
        'art_type_refused',
        'art_type_mismatch',
        'art_side_exceeded',
        'query_malformed',
      ].map((code) => [code, CLASS_CHANGES]),
    ),
    ...Object.fromEntries(
      [
        'body_too_large',
        'signature_missing',
        'signature_input_malformed',
        'signature_malformed',
        'digest_mismatch',
        'clock_skew',
        'nonce_replayed',
        'sig_invalid',
        'reference_conflict',
        'game_unknown',
        'class_unknown',
        'class_exists',
        'class_not_certified',
        'attribute_unknown',
        'draw_table_missing',
        'virtual_currency_refused',
        'item_exists',
        'account_unknown',
        'supply_exceeded',
        'batch_refused',
        'job_ended',
        'ledger_txs_mismatch',
      ].map((code) => [code, STUDIO]),
    ),
    ...Object.fromEntries(['batch_too_large', 'cap_raise', 'attributes_exceeded'].map((code) => [code, STUDIO_KINDS])),
    ...Object.fromEntries(['expression_malformed', 'expression_unknown_attribute', 'expression_type'].map((code) => [code, STUDIO_LISTS])),
  },
  experiment: {
    ...Object.fromEntries(
      ['authorization_scope', 'authorization_period', 'authorization_simulated'].map((code) => [
        code,
        'sandbox/experiments/experiment.test.ts',
      ]),
    ),
    ...Object.fromEntries(
      ['experiment_state', 'experiment_not_begun', 'experiment_over', 'experiment_kinds_taken'].map((code) => [
        code,
        'sandbox/experiments/experiments.test.ts',
      ]),
    ),
    ...Object.fromEntries(
      EXPERIMENT_DESK_CODES.filter(
        (code) => !/^(?:authorization_(?!missing)|experiment_(?:state|not_begun|over|kinds_taken)$)/.test(code),
      ).map((code) => [code, 'test/integration/experiment-steps.test.ts']),
    ),
  },
  feed: { seq_ahead: FEED, room_unknown: FEED, room_forbidden: FEED, sign_in_required: FEED },
};

const FIRST_HAND = 'primary sales have no public door yet; sandbox/decisions/decide.test.ts holds the rule';
const OTHER_OP = 'only ops that /ledger/v1/submit does not take can be refused so; test/vectors/ledger-refusals.json reaches it';
const PROPOSAL = "a member's answer to another member's proposal; with one member there is none";
const LIMIT = 'needs more than a test can write (2^32 leaves, or an entry above 64 KB); ledger/block/block.test.ts holds the limits';

export const UNREACHABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  exchange: {
    order_early: 'a quote begins two minutes before its time and its window is signed, so only a clock that runs backwards meets it',
    order_expired: 'the quote of an order ends a minute after it was made, long before the order: quote_expired comes first',
    account_unknown: 'a session exists for accounts of the ledger only',
    version_conflict: 'the quote names the version of the ledger; an item that moves in between has another owner: not_owner comes first',
    not_interchangeable: 'the pilot is built of interchangeable kinds only, so mechanism_not_granted comes first',
    not_transferable: 'studios declare freely transferable kinds only (server/studio/class-documents.ts)',
    item_burned: 'a burned item has no holder in custody, and only the last holder could ask for it',
    not_certified: 'answered for files asked for within the quarter of a second before their block',
    minor_limit_single: FIRST_HAND,
    minor_limit_month: FIRST_HAND,
    approval_missing: 'the studio API declares no kind of a game without an approval number (its own approval_missing)',
    virtual_currency_refused: 'the studio API declares no such kind (its own virtual_currency_refused)',
    too_many_gifts: 'asks for three hundred open gifts; server/gifts/send-gifts.ts counts them in the line that writes them',
    drawn_item_refused: 'pack CN lets drawn items be resold, and the studio API asks for the published odds (draw_table_missing)',
    price_off_market: 'asks for a review and refuses nothing; test/integration/decisions.test.ts sees it stored',
    PACK_NOT_YET_EFFECTIVE: 'the pack is put in force by the clock that decides, so it is never too early for it',
    pack_inactive: 'the rules are put in force before the first request is answered',
    ledger_refused: 'stands for codes of the ledger that the checks before it leave no way to reach',
    unavailable: 'only while the process stops, when its port is closed already',
  },
  identity: {
    account_taken: 'a second opening with one key meets phone_taken, id_number_taken or registration_unknown first',
    card_mismatch: 'the simulated institution refuses cards of names that the real-name check already refuses',
    certificate_role_unknown: 'the pinned authority issues certificates with roles of this market only',
    not_a_demonstration: 'test servers are demonstration chains; another one refuses published keys at sign-in',
  },
  rest: {
    internal: 'a bug; nothing expected answers it',
  },
  ledger: {
    ...Object.fromEntries(
      [
        'role_missing',
        'kind_invalid',
        'account_exists',
        'terms_invalid',
        'not_a_studio',
        'class_exists',
        'studio_sunset',
        'supply_exceeded',
        'cap_raise',
        'notice_short',
        'item_exists',
        'not_reversible',
        'target_unknown',
        'freeze_rank',
        'freeze_repeat',
        'not_frozen',
        'subject_unknown',
        'pack_invalid',
        'pack_pending',
        'pack_inactive',
        'state_invalid',
        'transition_invalid',
        'authorization_simulated',
        'experiment_inactive',
        'record_exists',
        'config_epoch',
        'config_pending',
        'config_lint',
        'approval_invalid',
        'governance_unmet',
        'evidence_invalid',
        'evidence_known',
        'trade_malformed',
        'order_early',
        'order_item_mismatch',
        'order_overfilled',
        'self_trade',
        'counterparty_mismatch',
        'not_owner',
        'protection_range',
      ].map((code) => [code, OTHER_OP]),
    ),
    ...Object.fromEntries(
      [
        'behind',
        'locked',
        'stale_term',
        'not_leader',
        'slot_taken',
        'bad_link',
        'time_range',
        'over_limit',
        'tx_refused',
        'effects_mismatch',
        'root_mismatch',
        'envelope_missing',
        'media_missing',
        'class_terms_breach',
        'reversal_mismatch',
        'envelope_open',
        'commitment_mismatch',
        'terms_breach',
        'assessment_mismatch',
        'cap_exceeded',
        'promise_overdue',
      ].map((code) => [code, PROPOSAL]),
    ),
    register_full: LIMIT,
    entry_too_large: LIMIT,
    recovery_pending: "recovery is signed by the operator's and the notary's keys, which no outsider holds",
    recovery_early: "recovery is signed by the operator's and the notary's keys, which no outsider holds",
    policy_mismatch: "recovery is signed by the operator's and the notary's keys, which no outsider holds",
    not_transferable: 'studios declare freely transferable kinds only',
  },
  experiment: {},
  feed: {},
};
