/** Certificates for those who run the market (product O-10). */
import { router, staffProcedure } from '../init.ts';
import type { CertificateView } from '../views.ts';

export const certificateRouter = router({
  list: staffProcedure(['operator', 'auditor']).query(({ ctx }): Promise<readonly CertificateView[]> => ctx.services.pki.list()),
});
