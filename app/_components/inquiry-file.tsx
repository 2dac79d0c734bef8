'use client';
/** One question with its clock, replies and files; the same for who asks and who is asked (V-14). */
import { Download } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import type { InquiryReader, InquiryView, Refusal } from '#server/trpc/views.ts';
import { usePreferences } from './providers.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { Button, Chip, Id, Time } from './ui.tsx';

const TONE = { open: 'wait', answered: 'good', over: 'plain' } as const;

type Props = { readonly inquiry: InquiryView; readonly reader: InquiryReader; readonly children?: ReactNode };

export function InquiryFile({ inquiry, reader, children }: Props) {
  const t = useTranslations();
  const { locale } = usePreferences();
  const { askedRole: role } = inquiry;
  return (
    <div className="space-y-2 text-[13px]">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip tone={TONE[inquiry.state]}>{t(`inquiries.state.${inquiry.state}`)}</Chip>
        {reader === 'case' ? (
          <span className="font-medium">
            {t(`inquiries.party.${inquiry.party}`)} {inquiry.party === 'operator' ? null : <Id value={inquiry.partyId} />}
          </span>
        ) : null}
        {reader !== 'case' && (role === 'sup_market' || role === 'sup_finance' || role === 'sup_tax') ? (
          <span className="font-medium">{t(`inquiries.from.${role}`)}</span>
        ) : null}
        <span>{t(`cases.reasonCode.${inquiry.reasonCode}`)}</span>
        <Time at={inquiry.askedAt} style="full" />
      </p>
      <p className="wrap-anywhere whitespace-pre-line text-sm">{inquiry.question}</p>
      {inquiry.state === 'open' ? (
        <p>
          {t('inquiries.due', { at: formatTime(locale, inquiry.dueAt, 'full') })}{' '}
          {inquiry.isOverdue ? <strong className="text-red">{t('inquiries.overdue')}</strong> : null}
        </p>
      ) : null}
      {inquiry.extension === null ? null : (
        <p className="text-ink-2" data-extended>
          {t('inquiries.extended', { from: formatTime(locale, inquiry.extension.firstDueAt, 'full') })}
        </p>
      )}
      {inquiry.replies.map((reply) => (
        <div key={reply.kind} data-reply={reply.kind} className="space-y-1 border-s-2 border-line ps-3">
          <p className="flex flex-wrap items-center gap-x-3">
            <strong>{t(`inquiries.said.${reply.kind}`)}</strong> <Time at={reply.at} style="full" />
            <span className="text-xs text-ink-3">
              {t('inquiries.hash')} <Id value={reply.docHash} />
            </span>
          </p>
          <p className="wrap-anywhere whitespace-pre-line">{reply.text}</p>
        </div>
      ))}
      <Files inquiry={inquiry} reader={reader} />
      {children}
    </div>
  );
}

function Files({ inquiry, reader }: Props) {
  const t = useTranslations('inquiries');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const save = async (sm3: string) => {
    const [{ base64, name, mime }, { fromBase64 }] = await Promise.all([
      staffApi.inquiry.file(inquiry.inquiryId, sm3, reader),
      import('#ledger/primitives/bytes.ts'),
    ]);
    saveFile(name, fromBase64(base64), mime);
  };
  if (inquiry.files.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-2">
      {inquiry.files.map((file) => (
        <li key={file.sm3} className="min-w-0">
          <Button
            className="max-w-full"
            aria-label={t('save', { name: file.name })}
            onClick={() => void save(file.sm3).catch((error: unknown) => setRefusal(readRefusal(error)))}
          >
            <Download size={15} className="flex-none" aria-hidden /> <span className="truncate">{file.name}</span>
          </Button>
        </li>
      ))}
      {refusal === null ? null : (
        <li>
          <RefusalNote refusal={refusal} />
        </li>
      )}
    </ul>
  );
}
