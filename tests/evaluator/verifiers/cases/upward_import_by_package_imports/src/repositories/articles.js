import { router } from '#routes/articles';

export const rows = () => [router];
