/** The exit report of an experiment as a file. */
import { api } from './api.ts';
import { saveFile } from './save-file.ts';

export async function saveReport(experimentId: string, kind: 'pdf' | 'json'): Promise<void> {
  const report = await api.experiment.report(experimentId);
  if (kind === 'json') return saveFile(`${experimentId}.json`, report.json, 'application/json');
  saveFile(
    `${experimentId}.pdf`,
    Uint8Array.from(atob(report.pdf), (character) => character.charCodeAt(0)),
    'application/pdf',
  );
}
