import type { Article } from '../models/article.ts';

export const all = (): Article[] => [];
