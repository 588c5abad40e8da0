import { router } from '../routes/articles.mjs';

export const all = () => [router];
