import type { Article } from '../models/article';

export const all = (): Article[] => [];
