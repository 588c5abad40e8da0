import { router } from '../routes/articles.js';

export const bridge = () => router;
