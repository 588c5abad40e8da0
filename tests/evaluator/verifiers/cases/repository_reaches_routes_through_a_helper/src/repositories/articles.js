import { Article } from '../models/article.js';
import { bridge } from '../lib/bridge.js';

export const all = () => [new Article({ slug: bridge() })];
