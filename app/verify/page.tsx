'use client';
/** `/verify` (product P-44): public, no sign-in, no request. The form itself is `mount-verifier.ts`, the same as in the saved file. */
import { useEffect, useRef } from 'react';
import { usePreferences } from '#app/_components/providers.tsx';
import { KeptReceipts } from './kept-receipts.tsx';
import { mountVerifier } from './mount-verifier.ts';
import { TEXT } from './verify-text.ts';
import './verify.css';

export default function VerifyPage() {
  const { locale } = usePreferences();
  const language = locale === 'en' ? 'en' : 'zh';
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Another page may link here with the fingerprint it shows: it stays in the address, nothing is asked.
    const known = /^#chain=([0-9a-f]{64})$/.exec(window.location.hash)?.[1];
    if (form.current !== null) mountVerifier(form.current, language, known ?? '');
  }, [language]);
  const t = TEXT[language];
  return (
    <div className="pv">
      <h1>{t.title}</h1>
      <p className="pv-lead">{t.lead}</p>
      <div ref={form} className="pv-form" />
      <a className="pv-save" href="/verifier/verify.html" download="daoju-verify.html">
        {t.save}
      </a>
      <KeptReceipts />
    </div>
  );
}
