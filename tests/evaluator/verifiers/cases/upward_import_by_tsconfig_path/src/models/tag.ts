import type { router } from '@/routes/articles';

export type Tag = typeof router;
