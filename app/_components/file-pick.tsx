'use client';
/** Choosing a file, in the page's own language: the browser's button speaks the browser's. */
import { FileUp } from 'lucide-react';
import { useId } from 'react';
import { useTranslations } from 'use-intl';

export function FilePick(props: {
  readonly label: string;
  readonly accept: string;
  readonly file: File | null;
  readonly onPick: (file: File | null) => void;
}) {
  const t = useTranslations('signIn');
  const id = useId();
  return (
    <div>
      <span className="mb-1 block text-[13px] font-medium text-ink-2">{props.label}</span>
      <input
        id={id}
        type="file"
        accept={props.accept}
        className="peer sr-only"
        onChange={(event) => props.onPick(event.target.files?.[0] ?? null)}
        aria-label={props.label}
      />
      <label
        htmlFor={id}
        className="flex min-h-11 cursor-pointer items-center gap-2 rounded-md border border-dashed border-line-strong px-3 text-sm hover:border-accent hover:text-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent"
      >
        <FileUp size={15} className="flex-none" aria-hidden />
        <span className="truncate">{props.file === null ? t('choose') : props.file.name}</span>
      </label>
    </div>
  );
}
