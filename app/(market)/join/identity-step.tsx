'use client';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { PolicyTemplate } from '#server/identity/identity.ts';
import type { Refusal } from '#server/trpc/views.ts';

export type VerifiedPerson = {
  readonly registrationId: string;
  readonly kyc: string;
  readonly env: string;
  readonly salt: string;
  readonly displayName: string;
  readonly policy: PolicyTemplate;
};

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
/** GB 11643: the last character follows from the first seventeen. */
function hasRightCheckDigit(id: string): boolean {
  if (!/^\d{17}[\dXx]$/.test(id)) return false;
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(id[index]), 0);
  return '10X98765432'[sum % 11] === id[17]?.toUpperCase();
}
/** A number that is valid by its check digit, for the demonstration: another one for another phone, since a person joins once. */
function exampleId(phone: string): string {
  const day = String((Number(phone.slice(-5, -3)) % 28) + 1).padStart(2, '0');
  const body = `110101199503${day}${phone.slice(-3).padStart(3, '0')}`;
  const check = [...'0123456789X'].find((digit) => hasRightCheckDigit(`${body}${digit}`));
  return `${body}${check ?? ''}`;
}

export function IdentityStep({ onVerified }: { readonly onVerified: (person: VerifiedPerson) => void }) {
  const t = useTranslations('join');
  const [fields, setFields] = useState({ phone: '', code: '', displayName: '', realName: '', idNumber: '' });
  const [hasAgreed, setAgreed] = useState(false);
  const [sent, setSent] = useState<{ readonly shownCode: string | null; readonly policy: PolicyTemplate } | null>(null);
  const [tried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const set = (name: keyof typeof fields) => (event: { target: { value: string } }) => setFields({ ...fields, [name]: event.target.value });
  const phone = fields.phone.replace(/[\s-]/g, '');
  const errors = {
    phone: /^1\d{10}$/.test(phone) ? null : t('badPhone'),
    code: /^\d{6}$/.test(fields.code.trim()) ? null : t('badCode'),
    displayName: fields.displayName.trim() === '' ? t('missing', { field: t('displayName') }) : null,
    realName: fields.realName.trim() === '' ? t('missing', { field: t('realName') }) : null,
    idNumber: hasRightCheckDigit(fields.idNumber.trim()) ? null : t('badId'),
  };
  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setRefusal(null);
    try {
      await act();
    } catch (error) {
      setRefusal(readRefusal(error));
    } finally {
      setBusy(false);
    }
  };
  const getCode = () =>
    void run(async () => {
      setSent(await api.account.requestCode(phone));
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (sent === null || !hasAgreed || Object.values(errors).some((error) => error !== null)) return;
    void run(async () => {
      const answer = await api.account.verifyIdentity({
        phone,
        code: fields.code.trim(),
        realName: fields.realName.trim(),
        idNumber: fields.idNumber.trim().toUpperCase(),
      });
      onVerified({
        registrationId: answer.registrationId,
        kyc: answer.kyc,
        env: answer.env,
        salt: answer.salt,
        displayName: fields.displayName.trim(),
        policy: answer.policy,
      });
    });
  };
  const shown = (name: keyof typeof errors) => (tried ? errors[name] : null);
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <div className="grid grid-cols-[1fr_auto] items-end gap-2">
        <Field
          label={t('phone')}
          type="tel"
          autoComplete="tel"
          inputMode="tel"
          value={fields.phone}
          onChange={set('phone')}
          error={shown('phone')}
        />
        <Button onClick={getCode} disabled={isBusy || errors.phone !== null}>
          {t('getCode')}
        </Button>
      </div>
      {sent === null ? null : (
        <>
          <p role="status" className="rounded-md bg-accent-soft p-2.5 text-[13px]">
            {sent.shownCode === null ? t('codeSent') : t('codeShown', { code: sent.shownCode })}
          </p>
          <Field
            label={t('code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            value={fields.code}
            onChange={set('code')}
            error={shown('code')}
          />
          <Field
            label={t('displayName')}
            autoComplete="nickname"
            value={fields.displayName}
            onChange={set('displayName')}
            error={shown('displayName')}
          />
          <Field label={t('realName')} autoComplete="name" value={fields.realName} onChange={set('realName')} error={shown('realName')} />
          <Field
            label={t('idNumber')}
            autoComplete="off"
            value={fields.idNumber}
            onChange={set('idNumber')}
            error={shown('idNumber')}
            help={
              <>
                {t('idHelp')} {sent.shownCode === null ? null : t('demoId', { example: exampleId(phone) })}
              </>
            }
          />
          <label className="flex min-h-11 items-center gap-2 text-[13px]">
            <input type="checkbox" className="size-5 accent-accent" checked={hasAgreed} onChange={() => setAgreed(!hasAgreed)} />
            <span>
              {t('agreement', { version: sent.policy.agreementVersion })}{' '}
              <a href="/agreement" target="_blank" rel="noreferrer" className="text-accent underline underline-offset-3">
                {t('readAgreement')}
              </a>
            </span>
          </label>
        </>
      )}
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      {sent === null ? null : (
        <Button type="submit" tone="primary" disabled={isBusy || !hasAgreed}>
          {t('next')}
        </Button>
      )}
    </form>
  );
}
