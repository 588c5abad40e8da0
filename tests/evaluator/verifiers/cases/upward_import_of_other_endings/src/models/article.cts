import type { router } from '../repositories/../routes/articles.mjs';

export type Article = typeof router;
