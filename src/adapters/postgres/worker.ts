import { serve } from '../../platform/index.ts';
import { explainPostgres } from './faults.ts';
import { DatabaseService, type DatabaseThread } from './service.ts';
import { describeAddress } from './session.ts';

/* One thread writes, another answers questions: encoding and decoding blocks would hold the event loop. */
serve<DatabaseThread>(
  (connection, tell) => DatabaseService.open(connection, (what) => tell(what, {})),
  (error, { address }) => explainPostgres(error, describeAddress(address)),
);
