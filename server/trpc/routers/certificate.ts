/** Certificates for those who run the market (product O-10). */
import { operatorProcedure, router } from '../init.ts';
import type { CertificateView } from '../views.ts';

export const certificateRouter = router({
  list: operatorProcedure.query(({ ctx }): Promise<readonly CertificateView[]> => ctx.services.pki.list()),
});
