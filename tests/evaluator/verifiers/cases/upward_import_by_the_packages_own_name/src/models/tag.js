import { router } from '@acme/conduit/src/routes/articles.js';

export class Tag { router = router; }
