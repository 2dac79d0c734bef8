/** Entry of the one saved HTML file (`server/build-verifier.ts`): the verifier without a site around it. */
import { type Language, mountVerifier } from './mount-verifier.ts';
import { TEXT } from './verify-text.ts';

function show(language: Language): void {
  const t = TEXT[language];
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = t.title;
  for (const [id, text] of [
    ['pv-title', t.title],
    ['pv-lead', t.lead],
    ['pv-other', t.other],
  ] as const) {
    const place = document.getElementById(id);
    if (place !== null) place.textContent = text;
  }
  const form = document.getElementById('pv-form');
  if (form !== null) mountVerifier(form, language);
}

let language: Language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
document.getElementById('pv-other')?.addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  show(language);
});
show(language);
