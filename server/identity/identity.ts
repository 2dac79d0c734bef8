/** Who someone is: what the rest of the server sees of `server/identity`. Built by `openIdentity`. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import type { RealNameLevel, SessionView, StaffRole } from '#server/trpc/views.ts';

/** A natural person with an account on the ledger, as every check needs them. */
export type Player = {
  readonly acct: AccountId;
  readonly displayName: string;
  readonly level: RealNameLevel;
  /** `1999-12-31`. Age is completed years on the Beijing date of the act (P-03). */
  readonly birthDate: string;
  /** The recovery file was saved and opened once again (P-05): without it no order. */
  readonly hasRecovery: boolean;
  readonly isDemonstration: boolean;
  readonly holds: readonly RiskHold[];
  /** A laundering case that is not closed names them: asked by the rules, told to nobody (rulebook CN-AML-04). */
  readonly hasOpenAmlCase: boolean;
};
/** What the sealed record of a person says. */
export type OpenedPerson = { readonly name: string; readonly idNumber: string; readonly phone: string | null };
/** What the person gave us beside the name, opened for themselves. */
export type OwnRecords = {
  readonly cardNumber: string | null;
  readonly declarations: readonly (EnhancedDeclaration & { readonly declaredAt: Instant })[];
};
export type RiskHold = { readonly code: string; readonly until: Instant };
export type PlayerSession = { readonly sessionId: string; readonly player: Player };

export type StaffSession = {
  readonly sessionId: string;
  readonly staffId: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly organisation: string;
  readonly certificateSerial: string;
};

export type IdentityRefusal = {
  readonly kind: 'rejected';
  readonly code: IdentityRefusalCode;
  readonly facts?: Readonly<Record<string, string>>;
};

/** Refusals of this folder: kind for the transport, and the sentence that says what to do next. */
export const IDENTITY_REFUSALS = {
  phone_malformed: { kind: 'malformed', message: 'Enter an 11-digit mobile number of the mainland.' },
  code_unknown: { kind: 'unprocessable', message: 'Ask for a new code: this one was not sent, was used, or is older than 5 minutes.' },
  code_wrong: { kind: 'unprocessable', message: 'The code is not right. Look at the message again.' },
  code_sent_just_now: { kind: 'too_many', message: 'A code was sent less than a minute ago. Wait, then ask again.' },
  sms_unavailable: {
    kind: 'unavailable',
    message: 'The message with the code could not be sent just now. Try again in a few minutes.',
  },
  sms_refused: { kind: 'unprocessable', message: 'This number takes no messages from us. Use another number of yours.' },
  code_tries_exceeded: { kind: 'too_many', message: 'Five wrong codes. Ask for a new one.' },
  phone_taken: { kind: 'conflict', message: 'This phone number already has an account. Sign in instead.' },
  display_name_invalid: { kind: 'malformed', message: 'Choose a display name of 2 to 20 letters, digits or Chinese characters.' },
  display_name_taken: { kind: 'conflict', message: 'This display name is taken. Choose another.' },
  agreement_outdated: { kind: 'unprocessable', message: 'The agreement has a newer version. Read it and accept again.' },
  real_name_malformed: { kind: 'malformed', message: 'Enter the name on the identity card.' },
  id_number_malformed: { kind: 'malformed', message: 'The ID number needs 18 digits with a right check digit.' },
  id_number_taken: { kind: 'conflict', message: 'This person already has an account.' },
  guardian_consent_missing: {
    kind: 'forbidden',
    message: 'People under 14 join with a guardian’s consent alone, and this market has no way to take one yet.',
  },
  real_name_mismatch: { kind: 'unprocessable', message: 'Name and ID number do not belong together. Check both.' },
  real_name_unavailable: {
    kind: 'unavailable',
    message: 'The real-name check does not answer. Try again in a few minutes; nothing was lost.',
  },
  card_malformed: { kind: 'malformed', message: 'Enter a bank card number of 12 to 19 digits.' },
  card_mismatch: { kind: 'unprocessable', message: 'The card is not in your name. Use a card of your own.' },
  card_required: { kind: 'forbidden', message: 'Bind a bank card in your name first: the enhanced check builds on it.' },
  passphrase_required: {
    kind: 'forbidden',
    message: 'Enter your passphrase: another payout account is set by your key, not by this session.',
  },
  occupation_malformed: { kind: 'malformed', message: 'Say in 2 to 60 characters what you do for a living.' },
  seller_check_not_due: {
    kind: 'conflict',
    message: 'No check of your identity is due. You will be reminded a month before the next one.',
  },
  enhanced_check_pending: {
    kind: 'unprocessable',
    message: 'The check takes longer than usual. You will hear from us; until then the limit of the day stays.',
  },
  registration_unknown: {
    kind: 'unprocessable',
    message: 'The real-name check is older than 30 minutes or was used. Start again with a new code.',
  },
  account_open_invalid: { kind: 'unprocessable', message: 'The opening of the account is not what was agreed. Load the page again.' },
  account_taken: { kind: 'conflict', message: 'This key already has an account. Sign in instead.' },
  account_unknown: { kind: 'not_found', message: 'There is no account with this key. Join first.' },
  account_closed: { kind: 'forbidden', message: 'This account was closed by its holder and is not opened again.' },
  challenge_unknown: { kind: 'unauthenticated', message: 'The sign-in took longer than 60 seconds or was used before. Try again.' },
  sig_invalid: { kind: 'unauthenticated', message: 'The signature is not by a key of this account.' },
  session_unknown: { kind: 'not_found', message: 'There is no such session.' },
  certificate_malformed: { kind: 'malformed', message: 'The file is not a personal SM2 certificate.' },
  certificate_untrusted: { kind: 'unauthenticated', message: 'The certificate is not from an authority that is trusted here.' },
  certificate_expired: { kind: 'unauthenticated', message: 'The certificate has expired. Ask your organisation for its successor.' },
  certificate_not_yet_valid: {
    kind: 'unauthenticated',
    message: 'The certificate is not valid yet. Check its dates, or use the one before.',
  },
  certificate_revoked: {
    kind: 'unauthenticated',
    message: 'The certificate was revoked by its authority. Ask your organisation for another.',
  },
  certificate_usage: { kind: 'unauthenticated', message: 'The certificate is not for signing. Choose the signing one of the two.' },
  certificate_curve: { kind: 'unauthenticated', message: 'The key of the certificate is not on the SM2 curve. Ask for one that is.' },
  certificate_user_id: {
    kind: 'unauthenticated',
    message: 'The authority signed the certificate without the default SM2 user id. Ask it for one that is signed by the standard.',
  },
  crl_missing: { kind: 'unavailable', message: 'The revocation list of your authority is not known here. Ask the operator to import it.' },
  crl_stale: {
    kind: 'unavailable',
    message: 'The revocation list of your authority is out of date. Ask the operator to import a new one.',
  },
  certificate_role_unknown: { kind: 'forbidden', message: 'The certificate names no role of this market.' },
  not_a_demonstration: { kind: 'forbidden', message: 'Published demonstration keys are refused on this chain.' },
} as const satisfies Record<string, { readonly kind: string; readonly message: string }>;
export type IdentityRefusalCode = keyof typeof IDENTITY_REFUSALS;

/** A new session: the token goes into the cookie and is stored here only as its hash. */
export type OpenedSession = { readonly token: string; readonly sessionId: string; readonly expiresAt: Instant };

export type VerifyIdentityInput = { readonly phone: string; readonly code: string; readonly realName: string; readonly idNumber: string };
/** The real name is verified; the browser now signs AccountOpen with `kyc`, `env` and `salt` and sends it with the `registrationId` within 30 minutes. */
export type VerifiedIdentity = {
  readonly kind: 'verified';
  readonly registrationId: string;
  /** Commitment of field set 3, drawn by the operator (`ledger.md` 15.1); 32 bytes. */
  readonly kyc: Uint8Array;
  /** Hash of the sealed identity for supervisors, and the LedgerTx salt that it is bound to (15.2). */
  readonly env: Uint8Array;
  readonly salt: Uint8Array;
  readonly isAdult: boolean;
  readonly expiresAt: Instant;
};

export type RegisterInput = {
  readonly registrationId: string;
  readonly displayName: string;
  readonly agreementVersion: string;
  /** PCE of a TxEnv with one AccountOpen, signed by the device key alone; the operator adds its signature. */
  readonly accountOpen: Uint8Array;
  readonly device: string;
  /** Random, kept by the browser: who signs in on one device for days acts as one person (rulebook 9.1). */
  readonly deviceId: string;
};

export type SignInInput = {
  readonly acct: AccountId;
  readonly challenge: string;
  readonly issuedAt: string;
  /** SM2 over `daoju.sign-in/1`, 0A and the RFC 8785 bytes of `{ chain, acct, challenge, issuedAt }`; 64 bytes. */
  readonly signature: Uint8Array;
  readonly device: string;
  /** Random, kept by the browser: who signs in on one device for days acts as one person (rulebook 9.1). */
  readonly deviceId: string;
};

export const FUNDS_FROM = ['wage', 'business', 'savings', 'items', 'other'] as const;
/** What the enhanced check asks a person (P-02). */
export type EnhancedDeclaration = { readonly occupation: string; readonly fundsFrom: (typeof FUNDS_FROM)[number] };

/** Over a challenge of `challenge()`: single use, 60 s. */
export type FreshSignature = { readonly challenge: string; readonly issuedAt: string; readonly signature: Uint8Array };

export type StaffSignInInput = {
  readonly certificate: Uint8Array;
  readonly challenge: string;
  readonly issuedAt: string;
  /** As for players, with `acct` replaced by the certificate's serial number: `{ chain, certificateSerial, challenge, issuedAt }`. */
  readonly signature: Uint8Array;
};

/** What the browser needs to build the account's policy (`ledger.md` 4.1, default player policy). */
export type PolicyTemplate = {
  readonly chain: string;
  readonly agreementVersion: string;
  /** Public keys of operator and notary in hex, `use` 2, ascending. */
  readonly recoveryKeys: readonly string[];
  readonly recoveryDelayMs: number;
};

export type DemonstrationAccount = {
  readonly name: string;
  readonly kind: 'player' | 'studio' | 'staff';
  readonly role: StaffRole | null;
  readonly acct: AccountId | null;
  /** Published, and worth nothing outside a demonstration chain. Hex. */
  readonly privateKey: string;
  readonly encPrivateKey: string | null;
  /** DER in base64, for staff. */
  readonly certificate: string | null;
};

export interface Identity {
  policyTemplate(): PolicyTemplate;
  /** Sends a 6-digit code: 5 minutes, 5 tries. In the demonstration the answer shows it, since no SMS leaves the machine. */
  requestCode(
    phone: string,
  ): Promise<{ readonly kind: 'sent'; readonly expiresAt: Instant; readonly shownCode: string | null } | IdentityRefusal>;
  verifyIdentity(input: VerifyIdentityInput): Promise<VerifiedIdentity | IdentityRefusal>;
  /** Answers after the AccountOpen is sequenced and the person's record is durable. */
  register(
    input: RegisterInput,
  ): Promise<{ readonly kind: 'registered'; readonly player: Player; readonly session: OpenedSession } | IdentityRefusal>;
  /** Binds a bank card in the same name: R2. Another card than the first asks for the key again: `daoju.payout-account/1` with the last four digits (P-06). */
  bindCard(
    acct: AccountId,
    cardNumber: string,
    proof: FreshSignature | null,
  ): Promise<{ readonly kind: 'bound'; readonly player: Player } | IdentityRefusal>;
  /** R3 for who has R2, declares this under their key (`daoju.enhanced-check/1`) and stands on no list. */
  checkEnhanced(
    acct: AccountId,
    declaration: EnhancedDeclaration,
    proof: FreshSignature,
  ): Promise<{ readonly kind: 'passed'; readonly player: Player } | IdentityRefusal>;
  /** Who sells is verified again (CN-MK-11), asked for under their key (`daoju.seller-check/1`). Selling goes on with it. */
  checkSeller(acct: AccountId, proof: FreshSignature): Promise<{ readonly kind: 'passed'; readonly player: Player } | IdentityRefusal>;
  confirmRecovery(acct: AccountId): Promise<void>;
  challenge(): Promise<{ readonly challenge: string; readonly issuedAt: string; readonly chain: string; readonly expiresAt: Instant }>;
  signIn(
    input: SignInInput,
  ): Promise<{ readonly kind: 'signed_in'; readonly player: Player; readonly session: OpenedSession } | IdentityRefusal>;
  /** The passphrase again: a fresh signature over `format`, 0A and the RFC 8785 bytes of `{ chain, acct, challenge, issuedAt, …facts }`. `null`: it holds. */
  confirm(acct: AccountId, format: string, facts: Readonly<Record<string, string>>, proof: FreshSignature): Promise<IdentityRefusal | null>;
  signOut(sessionId: string): Promise<void>;
  listSessions(acct: AccountId, currentSessionId: string): Promise<readonly SessionView[]>;
  revokeSession(acct: AccountId, sessionId: string): Promise<{ readonly kind: 'revoked' } | IdentityRefusal>;
  findPlayerSession(token: string): Promise<PlayerSession | null>;
  getPlayer(acct: AccountId): Promise<Player | null>;
  /** The first key that may sign, as the ledger has it now (`use` 1 or 3). */
  getSigningKey(acct: AccountId): { readonly keyEpoch: number; readonly keyIdx: number; readonly publicKey: string };
  /** 18 completed years on today's Beijing date. */
  isAdult(player: Player): boolean;
  /** Name, ID number and phone for a report that the law asks for, or an opening that two people approved: whoever asks records it. */
  openPerson(acct: AccountId): Promise<OpenedPerson | null>;
  /** For the export of their own data, after `confirm`. */
  openOwnRecords(acct: AccountId): Promise<OwnRecords>;
  /** Display names for a page; unknown accounts (studios, organisations) are left out. */
  listDisplayNames(accts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, string>>;
  staffSignIn(
    input: StaffSignInInput,
  ): Promise<{ readonly kind: 'signed_in'; readonly staff: StaffSession; readonly session: OpenedSession } | IdentityRefusal>;
  staffSignOut(sessionId: string): Promise<void>;
  /** Null too when the certificate was revoked or has expired, half a minute later at the most. */
  findStaffSession(token: string): Promise<StaffSession | null>;
  /** Empty on any chain that is not a demonstration. */
  listDemonstrationAccounts(): readonly DemonstrationAccount[];
  /** Starts a risk hold in the caller's database transaction (P-08). */
  /** Asks the lists before money leaves, once a day (CN-AML-02). A hit is not answered: it holds. */
  screenBeforePayout(acct: AccountId): Promise<IdentityRefusal | null>;
  holdPlayer(tx: Tx, acct: AccountId, hold: RiskHold): Promise<void>;
}
